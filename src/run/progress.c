/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <healthprobe/base/clock.h>
#include <healthprobe/base/utf8.h>

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "process.h"

#define ERASE_LINE "\r\033[K"

/* A reader that is too slow loses lines rather than delays the wait. */
#define WRITE_NS (20 * HP_NS_PER_MS)

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

void hp_progress_line(struct hp_buffer *ret, const char *said, int64_t elapsed_ns)
{
    hp_buffer_add_format(ret, "healthprobe: after %lld.%llds: %s\n",
                         (long long)(elapsed_ns / HP_NS_PER_S),
                         (long long)(elapsed_ns / (HP_NS_PER_S / 10) % 10), said);
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

static int64_t elapsed_ns(const struct hp_progress *progress)
{
    return hp_clock_now_ns() - progress->started_ns;
}

void hp_progress_show(struct hp_progress *progress, const struct hp_report *report)
{
    char text[HP_REPORT_MAX + 1];
    char storage[HP_REPORT_MAX + 128];
    struct hp_buffer line;
    size_t len = hp_render(HP_FORMAT_SHORT, report, text);

    text[len - 1] = '\0';
    if (strcmp(text, progress->said) == 0)
        return;
    memcpy(progress->said, text, len);
    hp_buffer_init(&line, storage, sizeof storage);
    if (progress->live)
        hp_buffer_add(&line, ERASE_LINE);
    hp_progress_line(&line, progress->said, elapsed_ns(progress));
    write_now(progress, &line);
}

void hp_progress_draw(const struct hp_progress *progress)
{
    struct winsize size = {0};
    char storage[640];
    struct hp_buffer line;

    if (!progress->live)
        return;
    if (ioctl(progress->fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        size.ws_col = 80;
    hp_buffer_init(&line, storage, sizeof storage);
    hp_buffer_add(&line, ERASE_LINE);
    hp_progress_live(&line, progress->said, elapsed_ns(progress), size.ws_col);
    write_now(progress, &line);
}

void hp_progress_erase(const struct hp_progress *progress)
{
    if (progress->live)
        hp_process_write(progress->fd, ERASE_LINE, sizeof ERASE_LINE - 1,
                         hp_deadline_at(hp_clock_now_ns(), WRITE_NS));
}
