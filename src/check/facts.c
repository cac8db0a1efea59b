/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/facts.h>

#include <healthprobe/net/tls.h>

void hp_facts_add(struct hp_facts *facts, const char *name, const char *value)
{
    if (facts->n == HP_FACTS_MAX)
        return;
    facts->items[facts->n].name = name;
    hp_redact(&facts->items[facts->n++].value, hp_untrusted_of(value), NULL);
}

void hp_facts_add_ca(struct hp_facts *facts, bool of_url, const char *ca_file)
{
    if (ca_file == NULL)
        ca_file = hp_tls_system_bundle();
    if (of_url)
        ca_file = "from the URL";
    hp_facts_add(facts, "CA", ca_file != NULL ? ca_file : "none found");
}

void hp_facts_add_tls(struct hp_facts *facts, const struct hp_tls_settings *tls, bool ca_of_url)
{
    hp_facts_add(facts, "TLS", tls->insecure ? "not verified" : "verified");
    if (!tls->insecure)
        hp_facts_add_ca(facts, ca_of_url, tls->ca_file);
}

void hp_facts_add_password(struct hp_facts *facts, const char *password)
{
    hp_facts_add(facts, "password", password != NULL && password[0] != '\0' ? "(set)" : "none");
}
