/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <healthprobe/base/duration.h>
#include <healthprobe/base/utf8.h>

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "process.h"

#define ERASE_LINE "\r\033[K"

/* A reader that is too slow loses lines rather than delays the wait. */
#define WRITE_NS (20 * HP_NS_PER_MS)

/* If nothing changes: soon for somebody who watches, then rarely, for logs. */
#define FIRST_REPEAT_NS (10 * HP_NS_PER_S)
#define NEXT_REPEAT_NS  (60 * HP_NS_PER_S)

static void write_now(const struct hp_progress *progress, const struct hp_buffer *text)
{
    hp_process_write(progress->fd, text->data, text->len,
                     hp_deadline_at(hp_clock_now_ns(), WRITE_NS));
}

void hp_progress_init(struct hp_progress *progress, int fd, const char *terminal,
                      int64_t started_ns)
{
    *progress = (struct hp_progress){.fd = fd, .started_ns = started_ns};
    progress->live = terminal != NULL && strcmp(terminal, "dumb") != 0 && isatty(fd);
}

void hp_progress_line(struct hp_buffer *ret, bool repeated, const char *said, int64_t elapsed_ns)
{
    hp_buffer_add_format(
        ret, "healthprobe: after %lld.%llds: %s%s\n", (long long)(elapsed_ns / HP_NS_PER_S),
        (long long)(elapsed_ns / (HP_NS_PER_S / 10) % 10), repeated ? "still " : "", said);
}

void hp_progress_live(struct hp_buffer *ret, const char *said, int64_t elapsed_ns, size_t columns)
{
    char line[512];
    char shown[sizeof line];
    struct hp_buffer whole;

    hp_buffer_init(&whole, line, sizeof line);
    hp_buffer_add_format(&whole, "waiting %llds: %.400s", (long long)(elapsed_ns / HP_NS_PER_S),
                         said[0] != '\0' ? said : "first run");
    /* A line as wide as the terminal would move the cursor to the next one. */
    if (columns > sizeof shown)
        columns = sizeof shown;
    hp_buffer_add_bytes(ret, shown, hp_utf8_clean(shown, columns, line, whole.len));
}

/* Add the line of the verdict, and note that it was shown. */
static void add_verdict(struct hp_progress *progress, bool repeated, struct hp_buffer *ret)
{
    progress->shown_ns = hp_clock_now_ns();
    progress->repeated = repeated;
    hp_progress_line(ret, repeated, progress->said, progress->shown_ns - progress->started_ns);
}

void hp_progress_show(struct hp_progress *progress, const struct hp_report *report, bool stopped)
{
    char before[sizeof progress->said];
    char storage[2 * HP_REPORT_MAX + 128];
    struct hp_buffer line;

    memcpy(before, progress->said, sizeof before);
    progress->said[hp_render(HP_FORMAT_SHORT, report, progress->said) - 1] = '\0';
    if (strcmp(progress->said, before) == 0)
        return;
    hp_buffer_init(&line, storage, sizeof storage);
    if (progress->live)
        hp_buffer_add(&line, ERASE_LINE);
    add_verdict(progress, false, &line);
    if (stopped && before[0] != '\0')
        hp_buffer_add_format(&line, "healthprobe: before that: %s\n", before);
    write_now(progress, &line);
}

static void draw_in_place(const struct hp_progress *progress, struct hp_buffer *ret)
{
    struct winsize size = {0};

    if (ioctl(progress->fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        size.ws_col = 80;
    hp_buffer_add(ret, ERASE_LINE);
    hp_progress_live(ret, progress->said, hp_clock_now_ns() - progress->started_ns, size.ws_col);
}

struct hp_deadline hp_progress_next(const struct hp_progress *progress)
{
    if (progress->live)
        return hp_deadline_at(hp_clock_now_ns(), HP_NS_PER_S);
    if (progress->said[0] == '\0')
        return (struct hp_deadline){INT64_MAX};
    return hp_deadline_at(progress->shown_ns,
                          progress->repeated ? NEXT_REPEAT_NS : FIRST_REPEAT_NS);
}

void hp_progress_draw(struct hp_progress *progress)
{
    char storage[HP_REPORT_MAX + 128];
    struct hp_buffer line;

    hp_buffer_init(&line, storage, sizeof storage);
    if (progress->live)
        draw_in_place(progress, &line);
    else if (hp_deadline_expired(hp_progress_next(progress)))
        add_verdict(progress, true, &line);
    if (line.len > 0)
        write_now(progress, &line);
}

void hp_progress_give_up(const struct hp_progress *progress, int64_t for_ns)
{
    char storage[64];
    struct hp_buffer line;

    hp_buffer_init(&line, storage, sizeof storage);
    if (progress->live)
        hp_buffer_add(&line, ERASE_LINE);
    hp_buffer_add(&line, "healthprobe: gave up after ");
    hp_duration_add(&line, for_ns);
    hp_buffer_add(&line, "\n");
    write_now(progress, &line);
}

void hp_progress_erase(const struct hp_progress *progress)
{
    if (progress->live)
        hp_process_write(progress->fd, ERASE_LINE, sizeof ERASE_LINE - 1,
                         hp_deadline_at(hp_clock_now_ns(), WRITE_NS));
}
