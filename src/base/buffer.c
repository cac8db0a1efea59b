/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/buffer.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void terminate(struct hp_buffer *buffer)
{
    if (buffer->cap > 0)
        buffer->data[buffer->len] = '\0';
}

void hp_buffer_init(struct hp_buffer *buffer, char *storage, size_t cap)
{
    *buffer = (struct hp_buffer){.data = storage, .cap = cap};
    terminate(buffer);
}

void hp_buffer_rewind(struct hp_buffer *buffer, size_t len)
{
    if (len < buffer->len)
        buffer->len = len;
    buffer->overflow = false;
    terminate(buffer);
}

void hp_buffer_add_bytes(struct hp_buffer *buffer, const char *bytes, size_t len)
{
    if (buffer->overflow || len == 0)
        return;
    if (buffer->cap == 0 || len > buffer->cap - 1 - buffer->len) {
        buffer->overflow = true;
        return;
    }
    memcpy(buffer->data + buffer->len, bytes, len);
    buffer->len += len;
    terminate(buffer);
}

void hp_buffer_add(struct hp_buffer *buffer, const char *text)
{
    hp_buffer_add_bytes(buffer, text, strlen(text));
}

void hp_buffer_add_format(struct hp_buffer *buffer, const char *format, ...)
{
    size_t room = buffer->cap - buffer->len;
    va_list args;
    int len;

    if (buffer->overflow)
        return;
    va_start(args, format);
    len = vsnprintf(room > 0 ? buffer->data + buffer->len : NULL, room, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= room)
        buffer->overflow = len != 0;
    else
        buffer->len += (size_t)len;
    terminate(buffer);
}

void hp_buffer_add_ms(struct hp_buffer *buffer, int64_t ns)
{
    int64_t us = ns < 0 ? 0 : ns / 1000 + (ns % 1000 >= 500);

    hp_buffer_add_format(buffer, "%lld.%03d", (long long)(us / 1000), (int)(us % 1000));
}

void hp_buffer_add_duration(struct hp_buffer *buffer, int64_t ns)
{
    long long ms = (long long)(ns / 1000000);
    size_t len = 0;

    if (ms < 1000) {
        hp_buffer_add_format(buffer, "%lldms", ms);
        return;
    }
    hp_buffer_add_format(buffer, "%lld.%03lld", ms / 1000, ms % 1000);
    for (len = buffer->len; len > 0 && buffer->data[len - 1] == '0'; len--)
        continue;
    hp_buffer_rewind(buffer, len > 0 && buffer->data[len - 1] == '.' ? len - 1 : len);
    hp_buffer_add(buffer, "s");
}

static void add_json_character(struct hp_buffer *buffer, char c)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char byte = (unsigned char)c;

    if (byte < 0x20) {
        char escaped[] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};

        hp_buffer_add_bytes(buffer, escaped, sizeof escaped);
        return;
    }
    if (c == '"' || c == '\\')
        hp_buffer_add_bytes(buffer, "\\", 1);
    hp_buffer_add_bytes(buffer, &c, 1);
}

void hp_buffer_add_json_string(struct hp_buffer *buffer, const char *text)
{
    size_t start = buffer->len;

    hp_buffer_add_bytes(buffer, "\"", 1);
    for (; *text != '\0' && !buffer->overflow; text++)
        add_json_character(buffer, *text);
    hp_buffer_add_bytes(buffer, "\"", 1);
    if (buffer->overflow) {
        buffer->len = start;
        terminate(buffer);
    }
}
