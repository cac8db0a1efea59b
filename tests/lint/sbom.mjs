// SPDX-License-Identifier: MIT
//
// Ends with 0 when the file is a valid CycloneDX document, by the schema of CycloneDX itself.
//
//     node tests/lint/sbom.mjs FILE

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';

// The packages are where tests/lint/npm has put them.
const require = createRequire(`${process.env.LINT_PACKAGES}/`);
const { Spec, Validation } = require('@cyclonedx/cyclonedx-library');

const text = readFileSync(process.argv[2], 'utf8');
const version = JSON.parse(text).specVersion;
if (!Object.values(Spec.Version).includes(version)) {
    throw new Error(`no version of CycloneDX: ${version}`);
}
const problems = await new Validation.JsonStrictValidator(version).validate(text);
if (problems !== null) {
    console.error(JSON.stringify(problems, null, 2));
    process.exit(1);
}
