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

const struct hp_value *hp_value_next(const struct hp_values *values, const struct hp_option *option,
                                     const struct hp_value *after)
{
    size_t i = after != NULL ? (size_t)(after - values->items) + 1 : 0;

    for (; i < values->n; i++)
        if (values->items[i].option == option)
            return &values->items[i];
    return NULL;
}

const struct hp_value *hp_value_of(const struct hp_values *values, const struct hp_option *option)
{
    return hp_value_next(values, option, NULL);
}

const char *hp_value_text(const struct hp_values *values, const struct hp_option *option)
{
    const struct hp_value *value = hp_value_of(values, option);

    return value != NULL ? value->text : option->fallback;
}

bool hp_value_on(const struct hp_values *values, const struct hp_option *option)
{
    const struct hp_value *value = hp_value_of(values, option);

    return value != NULL && value->text[0] == '1';
}

bool hp_value_duration(const struct hp_values *values, const struct hp_option *option,
                       int64_t max_ns, int64_t *ret_ns, struct hp_error *err)
{
    const struct hp_value *value = hp_value_of(values, option);
    bool bare = false;

    if (option->fallback != NULL)
        hp_duration_parse(option->fallback, max_ns, ret_ns);
    if (value == NULL || hp_duration_parse(value->text, max_ns, ret_ns))
        return true;
    /* Milliseconds, as other tools have them. */
    bare = value->text[0] != '\0' && value->text[strspn(value->text, "0123456789")] == '\0';
    hp_error_add(err, HP_REASON_CONFIG, "%s: is not a duration between 1ms and %lldh, such as %s%s",
                 value->origin, (long long)(max_ns / HP_NS_PER_HOUR),
                 (option->flags & HP_OPTION_WAIT) != 0 ? "500ms, 30s or 5m"
                                                       : "900ms, 2s, 1.5s or 1m",
                 bare ? "; a bare number is seconds" : "");
    return false;
}

/* Its index among the choices; -1: it is none of them. */
static int find_choice(const struct hp_option *option, const char *text)
{
    for (int i = 0; text != NULL && option->choices[i] != NULL; i++)
        if (strcmp(text, option->choices[i]) == 0)
            return i;
    return -1;
}

static void unknown_choice(const struct hp_value *value, struct hp_error *err)
{
    char list[128];
    char question[HP_NEAREST_MAX];
    struct hp_buffer text;
    struct hp_nearest nearest;

    hp_buffer_init(&text, list, sizeof list);
    hp_option_add_words(&text, value->option->choices, "or");
    hp_nearest_init(&nearest, value->text, strlen(value->text));
    for (const char *const *choice = value->option->choices; *choice != NULL; choice++)
        hp_nearest_offer(&nearest, *choice);
    hp_nearest_ask(&nearest, question);
    hp_error_add(err, HP_REASON_CONFIG, "%s: has to be %s%s", value->origin, list, question);
}

bool hp_value_choice(const struct hp_values *values, const struct hp_option *option, int *ret,
                     struct hp_error *err)
{
    const struct hp_value *value = hp_value_of(values, option);
    int found = find_choice(option, value != NULL ? value->text : option->fallback);
    bool wrong = found < 0 && value != NULL;

    if (wrong) {
        unknown_choice(value, err);
        found = find_choice(option, option->fallback);
    }
    if (found >= 0)
        *ret = found;
    return !wrong;
}

/* --- what several kinds read ------------------------------------------------------------------ */

bool hp_input_tidy(struct hp_span *text, const char *origin, struct hp_error *err)
{
    char first;

    *text = hp_span_trim(*text, HP_BLANKS);
    first = text->len >= 2 ? text->data[0] : '\0';
    if (!hp_is_one_of(first, "\"'") || text->data[text->len - 1] != first)
        return true;
    hp_error_add(err, HP_REASON_CONFIG,
                 "%s: is wrapped in quotes: leave them out (docker --env-file and exec forms keep "
                 "them)",
                 origin);
    return false;
}

void hp_input_note_trimmed(struct hp_collected *collected, const char *variable)
{
    hp_notes_add(&collected->notes, "%s: blanks or line ends around it were dropped", variable);
}

static const struct hp_value *value_of_role(const struct hp_check_input *input,
                                            enum hp_option_role role)
{
    return hp_value_of(input->values, hp_option_of_role(input->options, role));
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
    const struct hp_value *value = value_of_role(input, HP_ROLE_CA);
    const char *path = NULL;

    if (value == NULL)
        value = input->ca;
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
    const struct hp_value *cert = value_of_role(input, HP_ROLE_CERT);
    const struct hp_value *key = value_of_role(input, HP_ROLE_KEY);

    if (cert == NULL && key == NULL)
        return true;
    if (cert == NULL || key == NULL) {
        hp_error_add(
            err, HP_REASON_CONFIG, "%s: needs --%s as well",
            cert != NULL ? cert->origin : key->origin,
            hp_option_of_role(input->options, cert != NULL ? HP_ROLE_KEY : HP_ROLE_CERT)->name);
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
    hp_notes_add(&input->collected->notes, "%s: the server's certificate is not verified",
                 input->name);
}

bool hp_input_tls(const struct hp_check_input *input, bool wanted, struct hp_tls_settings *tls,
                  struct hp_error *err)
{
    const struct hp_value *insecure = value_of_role(input, HP_ROLE_INSECURE);

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

bool hp_input_password(const struct hp_check_input *input, struct hp_span otherwise,
                       char **password, struct hp_error *err)
{
    const struct hp_value *value = value_of_role(input, HP_ROLE_PASSWORD);
    bool missing = *password == NULL || (*password)[0] == '\0';

    *input->ret_own_password = !missing;
    if (value != NULL && value->text[0] != '\0')
        otherwise = hp_span_of(value->text);
    if (!missing || otherwise.data == NULL)
        return true;
    free(*password);
    *password = strndup(otherwise.data, otherwise.len);
    return *password != NULL || hp_error_no_memory(err);
}
