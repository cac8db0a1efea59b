/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/input.h>

#include <healthprobe/base/buffer.h>
#include <healthprobe/base/duration.h>
#include <healthprobe/base/nearest.h>
#include <healthprobe/net/tls.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- values ----------------------------------------------------------------------------------- */

const struct hp_value *hp_values_next(const struct hp_values *values, const char *name,
                                      const struct hp_value *after)
{
    size_t i = after != NULL ? (size_t)(after - values->items) + 1 : 0;

    for (; i < values->n; i++)
        if (strcmp(values->items[i].option->name, name) == 0)
            return &values->items[i];
    return NULL;
}

const char *hp_values_text(const struct hp_values *values, const char *name)
{
    const struct hp_value *value = hp_values_next(values, name, NULL);

    return value != NULL ? value->text : NULL;
}

bool hp_values_on(const struct hp_values *values, const char *name)
{
    const char *text = hp_values_text(values, name);

    return text != NULL && text[0] == '1';
}

bool hp_values_duration(const struct hp_values *values, const char *name, int64_t max_ns,
                        int64_t *ret_ns, struct hp_error *err)
{
    const struct hp_value *value = hp_values_next(values, name, NULL);

    if (value == NULL || hp_duration_parse_up_to(value->text, max_ns, ret_ns))
        return true;
    hp_error_add(err, HP_REASON_CONFIG, "%s: is no duration between 1ms and %lldh, such as %s",
                 value->origin, (long long)(max_ns / HP_NS_PER_HOUR),
                 (value->option->flags & HP_OPTION_WAIT) != 0 ? "500ms, 30s or 5m"
                                                              : "900ms, 2s, 1.5s or 1m");
    return false;
}

bool hp_values_choice(const struct hp_values *values, const char *name, const char *const *words,
                      size_t n, int *ret, struct hp_error *err)
{
    const struct hp_value *value = hp_values_next(values, name, NULL);
    char list[128];
    char question[HP_NEAREST_MAX];
    struct hp_buffer text;
    struct hp_nearest nearest;

    if (value == NULL)
        return true;
    hp_buffer_init(&text, list, sizeof list);
    hp_nearest_init(&nearest, value->text, strlen(value->text));
    for (size_t i = 0; i < n; i++) {
        if (strcmp(value->text, words[i]) == 0) {
            *ret = (int)i;
            return true;
        }
        hp_buffer_add_format(&text, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " or ", words[i]);
        hp_nearest_offer(&nearest, words[i]);
    }
    hp_nearest_ask(&nearest, question);
    hp_error_add(err, HP_REASON_CONFIG, "%s: is %s%s", value->origin, list, question);
    return false;
}

/* --- what several kinds read ------------------------------------------------------------------ */

const struct hp_value *hp_input_value(const struct hp_check_input *input, const char *what)
{
    char option[HP_NAME_MAX + 1];

    snprintf(option, sizeof option, "%s-%s", input->kind, what);
    return hp_values_next(input->values, option, NULL);
}

void hp_input_need_file(const struct hp_check_input *input, const char *path, const char *origin)
{
    struct hp_collected *collected = input->collected;
    struct hp_needed_file *file = NULL;

    for (size_t i = 0; i < collected->n_files; i++)
        if (strcmp(collected->files[i].path, path) == 0)
            return;
    if (collected->n_files == HP_NEEDED_FILES_MAX)
        return;
    file = &collected->files[collected->n_files++];
    file->path = path;
    snprintf(file->origin, sizeof file->origin, "%s", origin);
}

const char *hp_input_ca_file(const struct hp_check_input *input)
{
    const struct hp_value *value = hp_input_value(input, "ca");
    const char *path = NULL;

    if (value == NULL)
        value = hp_values_next(input->values, "ca", NULL);
    if (value != NULL) {
        hp_input_need_file(input, value->text, value->origin);
        return value->text;
    }
    path = hp_environment_get(input->values->environment, "SSL_CERT_FILE");
    if (path != NULL)
        hp_input_need_file(input, path, "SSL_CERT_FILE");
    return path;
}

bool hp_input_need_tls(const struct hp_check_input *input, struct hp_error *err)
{
    if (!hp_tls_available())
        hp_error_add(err, HP_REASON_CONFIG,
                     "%s: asks for TLS, which this build does not have; use the build with TLS",
                     input->origin);
    return hp_tls_available();
}

static bool read_client_certificate(const struct hp_check_input *input, struct hp_tls_settings *tls,
                                    struct hp_error *err)
{
    const struct hp_value *cert = hp_input_value(input, "cert");
    const struct hp_value *key = hp_input_value(input, "key");

    if (cert == NULL && key == NULL)
        return true;
    if (cert == NULL || key == NULL) {
        hp_error_add(err, HP_REASON_CONFIG, "%s: needs --%s-%s as well",
                     cert != NULL ? cert->origin : key->origin, input->kind,
                     cert != NULL ? "key" : "cert");
        return false;
    }
    hp_input_need_file(input, cert->text, cert->origin);
    hp_input_need_file(input, key->text, key->origin);
    tls->cert_file = cert->text;
    tls->key_file = key->text;
    return true;
}

static void note_unverified(const struct hp_check_input *input)
{
    char note[HP_NOTE_TEXT_MAX + 1];

    snprintf(note, sizeof note, "%s: the server's certificate is not verified", input->name);
    hp_notes_add(&input->collected->notes, note);
}

bool hp_input_tls(const struct hp_check_input *input, bool wanted, struct hp_tls_settings *tls,
                  struct hp_error *err)
{
    const struct hp_value *insecure = hp_input_value(input, "insecure");

    if (!read_client_certificate(input, tls, err))
        return false;
    if (!wanted)
        return true;
    if (!hp_input_need_tls(input, err))
        return false;
    tls->insecure = tls->insecure || (insecure != NULL && insecure->text[0] == '1');
    if (tls->insecure)
        note_unverified(input);
    else if (tls->ca_file == NULL)
        tls->ca_file = hp_input_ca_file(input);
    return true;
}

bool hp_input_password(const struct hp_check_input *input, char **password, struct hp_error *err)
{
    const struct hp_value *value = hp_input_value(input, "password");
    bool missing = *password == NULL || (*password)[0] == '\0';

    *input->ret_own_password = !missing;
    if (value != NULL && missing) {
        free(*password);
        *password = strdup(value->text);
        if (*password == NULL)
            return hp_error_no_memory(err);
    }
    return hp_secrets_add(&input->collected->secrets, *password) || hp_error_no_memory(err);
}
