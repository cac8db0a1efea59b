// SPDX-License-Identifier: MIT
//
// Hold reports against the schemas in docs. TAP on standard output.
//
//     node tests/docs/reports.mjs DIRECTORY BEGIN:LEAST...
//
// Each directory in DIRECTORY has the reports that a suite has seen, in any number of files, one a line. LEAST is how
// many there are at least where the name of the suite begins so; the longest beginning counts, and each has a suite.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';

// The packages are where tests/lint/npm has put them.
const require = createRequire(`${process.env.LINT_PACKAGES}/`);
const { Ajv2020 } = require('ajv/dist/2020.js');
const addFormats = require('ajv-formats');

const schema = (name) => JSON.parse(readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8'));
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
addFormats(ajv);
const isReport = ajv.compile(schema('report.schema.json'));
const isHealth = ajv.compile(schema('health-json.schema.json'));
// Unit tests fill targets with anything, since it is not for the renderers to judge them.
const withAnyTarget = schema('report.schema.json');
delete withAnyTarget.$defs.check.properties.target.pattern;
const isOfUnit = ajv.compile(withAnyTarget);

const ofHealth = (report) => ['pass', 'warn', 'fail'].includes(report.status);
const validate = (report, ofUnit = false) => {
    const validator = ofHealth(report) ? isHealth : ofUnit ? isOfUnit : isReport;
    return validator(report) ? [] : validator.errors.map((error) => `${error.instancePath || '/'} ${error.message}`);
};

let count = 0;
let bad = false;
const tap = (name, problems) => {
    count += 1;
    bad ||= problems.length > 0;
    console.log(`${problems.length > 0 ? 'not ok' : 'ok'} ${count} - ${name}`);
    for (const problem of problems.slice(0, 20)) {
        console.log(`# ${problem}`);
    }
    if (problems.length > 20) {
        console.log(`# and ${problems.length - 20} more`);
    }
};

// --- what the suites have seen -----------------------------------------------------------------------------------------

const namesIn = (directory) => (existsSync(directory) ? readdirSync(directory).sort() : []);
const linesOf = (directory) => [...new Set(namesIn(directory)
    .flatMap((file) => readFileSync(`${directory}/${file}`, 'utf8').split('\n'))
    .filter((line) => line !== ''))];

const problemsOf = (line, ofUnit) => {
    let report;
    try {
        report = JSON.parse(line);
    } catch (error) {
        return [`${error.message}: ${line}`];
    }
    if (Buffer.byteLength(line) >= 4096) {
        return [`it has more than 4096 bytes: ${line}`];
    }
    return validate(report, ofUnit).map((problem) => `${problem}: ${line}`);
};

const [directory, ...wanted] = process.argv.slice(2);
const least = new Map(wanted.map((word) => word.split(':')).sort(([a], [b]) => b.length - a.length));
const missing = new Set(least.keys());
const seen = [];
for (const suite of namesIn(directory)) {
    const lines = linesOf(`${directory}/${suite}`);
    const begin = [...least.keys()].find((word) => suite.startsWith(word));
    missing.delete(begin);
    if (begin === undefined && lines.length === 0) {
        continue;
    }
    const problems = lines.flatMap((line) => problemsOf(line, suite.startsWith('unit')));
    if (begin === undefined) {
        problems.unshift('it is not known how many there are at least');
    } else if (lines.length < Number(least.get(begin))) {
        problems.unshift(`there are not even ${least.get(begin)}`);
    }
    tap(`${lines.length} reports of ${suite} are valid`, problems);
    // What is not valid has been told.
    seen.push(...lines.filter((line) => problemsOf(line, false).length === 0).map((line) => JSON.parse(line)));
}

tap('every suite has kept its reports', [...missing].map((begin) => `there is none that begins ${begin}`));

// --- what they would not have liked ------------------------------------------------------------------------------------

const named = (report, test) => Object.entries(report.checks ?? {}).find(([, check]) => test(check))?.[0];
const inCheck = (test, change) => [
    (report) => named(report, test) !== undefined,
    (report) => change(report.checks[named(report, test)]),
];
const isRun = (report) => report.checks !== undefined && !ofHealth(report);
const isRefusal = (report) => report.error !== undefined;
const isUp = (check) => check.status === 'up';
const isDown = (check) => check.status === 'down';

// What is done to a real report, and which reports it can be done to.
const mutations = {
    'a report without a status': [isRun, (report) => delete report.status],
    'one with another status': [isRun, (report) => { report.status = 'ok'; }],
    'one that is healthier than its checks': [(report) => report.status === 'unhealthy' && isRun(report) && report.summary !== 'interrupted',
        (report) => { report.status = 'healthy'; }],
    'one that is degraded with a check that fails': [(report) => report.status === 'unhealthy' && isRun(report) && !report.summary.startsWith('interrupted'),
        (report) => { report.status = 'degraded'; }],
    'one that is degraded for nothing': [(report) => report.status === 'healthy' && isRun(report),
        (report) => { report.status = 'degraded'; }],
    'one that is unhealthy for nothing': [(report) => report.status === 'healthy' && isRun(report),
        (report) => Object.assign(report, { status: 'unhealthy', summary: 'nothing' })],
    'one with a key of its own': [isRun, (report) => { report.secret = 'x'; }],
    'one without a mode': [isRun, (report) => delete report.mode],
    'one with another mode': [isRun, (report) => { report.mode = 'deep'; }],
    'one without a timestamp': [isRun, (report) => delete report.timestamp],
    'one with a local time': [isRun, (report) => { report.timestamp = report.timestamp.replace('Z', '+01:00'); }],
    'one on the 31st of February': [isRun, (report) => { report.timestamp = report.timestamp.replace(/-..-..T/, '-02-31T'); }],
    'one without a version': [isRun, (report) => delete report.version],
    'one with another probe': [isRun, (report) => { report.probe = 'wget 1.2.3'; }],
    'one with its latency as a text': [isRun, (report) => { report.latency = '1.000'; }],
    'one without a latency': [isRun, (report) => delete report.latency],
    'one without a check': [isRun, (report) => { report.checks = {}; }],
    'one without checks': [isRun, (report) => delete report.checks],
    'one with 17 checks': [isRun, (report) => {
        const [check] = Object.values(report.checks);
        report.checks = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`check${i}`, check]));
    }],
    'one with a name in capitals': [isRun, (report) => {
        const [[name, check], ...rest] = Object.entries(report.checks);
        report.checks = Object.fromEntries([[`${name.toUpperCase()}`, check], ...rest]);
    }],
    'one that is unhealthy without a summary': [(report) => report.status === 'unhealthy' && isRun(report), (report) => delete report.summary],
    'one that is healthy with a summary': [(report) => report.status === 'healthy' && isRun(report), (report) => { report.summary = 'http refused'; }],
    'one with a long summary': [(report) => report.summary !== undefined && isRun(report), (report) => { report.summary = 'x'.repeat(401); }],
    'one with a line break in its summary': [(report) => report.summary !== undefined, (report) => { report.summary += '\n'; }],
    'one with a negative uptime': [(report) => report.uptime !== undefined, (report) => { report.uptime = -1; }],
    'one with an empty list': [isRun, (report) => { report.ignored = []; }],
    'one that is not truncated and says so': [isRun, (report) => { report.truncated = false; }],
    'a check without a status': inCheck(isUp, (check) => delete check.status),
    'one that is neither up nor down': inCheck(isUp, (check) => { check.status = 'unknown'; }),
    'one that is up for a reason': inCheck(isUp, (check) => { check.reason = 'refused'; }),
    'one that is up with an error': inCheck(isUp, (check) => { check.error = 'x'; }),
    'one that is up with a hint': inCheck(isUp, (check) => { check.hint = 'x'; }),
    'a hint without an error': inCheck((check) => check.hint !== undefined, (check) => delete check.error),
    'one that is down without an error': [
        (report) => isRun(report) && report.truncated === undefined && Object.values(report.checks).some(isDown),
        (report) => Object.values(report.checks).filter(isDown).forEach((check) => delete check.error),
    ],
    'one that is down for no reason': inCheck(isDown, (check) => delete check.reason),
    'one that is down for another reason': inCheck(isDown, (check) => { check.reason = 'broken'; }),
    'one that is down and slow': inCheck(isDown, (check) => { check.slow = true; }),
    'one that is not slow and says so': inCheck(isUp, (check) => { check.slow = false; }),
    'a timeout without a phase': inCheck((check) => check.reason === 'timeout', (check) => delete check.phase),
    'a timeout in another phase': inCheck((check) => check.reason === 'timeout', (check) => { check.phase = 'later'; }),
    'a phase without a timeout': inCheck((check) => isDown(check) && check.reason !== 'timeout', (check) => { check.phase = 'dns'; }),
    'a check without a latency': inCheck(isUp, (check) => delete check.latency),
    'one with its latency as a text': inCheck(isUp, (check) => { check.latency = '1.000'; }),
    'one without a target': inCheck((check) => check.target !== undefined, (check) => delete check.target),
    'one with a key of its own': inCheck(isUp, (check) => { check.password = 'x'; }),
    'a status of HTTP as a text': inCheck((check) => Number.isInteger(check.code), (check) => { check.code = String(check.code); }),
    'a SQLSTATE as a number': inCheck((check) => typeof check.code === 'string' && check.target.startsWith('postgresql'),
        (check) => { check.code = 28000; }),
    'a long error': inCheck((check) => check.error !== undefined, (check) => { check.error = 'x'.repeat(161); }),
    'a long hint': inCheck((check) => check.hint !== undefined, (check) => { check.hint = 'x'.repeat(161); }),
    'an error with a control character': inCheck((check) => check.error !== undefined, (check) => { check.error += '\u001b'; }),
    'an age as a text': inCheck((check) => check.age !== undefined, (check) => { check.age = '1.0'; }),
    'an age of what is not a file': inCheck((check) => check.target?.startsWith('http'), (check) => { check.age = 1; }),
    'what is stale without an age': inCheck((check) => check.reason === 'stale', (check) => delete check.age),
    'what is interrupted and tolerated': inCheck((check) => check.tolerated, (check) => { check.reason = 'interrupted'; }),
    'time spent in another phase': inCheck((check) => check.timings !== undefined, (check) => { check.timings.later = 1; }),
    'a refusal with checks': [isRefusal, (report) => { report.checks = { http: { status: 'up', latency: 1, target: 'http://a:1/' } }; }],
    'a refusal with an empty note': [(report) => isRefusal(report) && report.notes !== undefined, (report) => { report.notes = ['']; }],
    'a refusal with ignored parameters': [isRefusal, (report) => { report.ignored = ['schema']; }],
    'a refusal with a summary': [isRefusal, (report) => { report.summary = 'x'; }],
    'a refusal that is degraded': [isRefusal, (report) => { report.status = 'degraded'; }],
    'a refusal for a reason of checks': [isRefusal, (report) => { report.error.reason = 'timeout'; }],
    'a refusal without a message': [isRefusal, (report) => delete report.error.message],
    'a refusal with an empty message': [isRefusal, (report) => { report.error.message = ''; }],
    'a refusal with a key of its own': [isRefusal, (report) => { report.error.hint = 'x'; }],
    'health+json that fails without output': [(report) => report.status === 'fail', (report) => delete report.output],
    'health+json with another status': [(report) => report.status === 'pass', (report) => { report.status = 'warn'; report.checks = {}; }],
    'health+json with a key of its own': [ofHealth, (report) => { report.secret = 'x'; }],
};

// One report of each that a mutation can be done to will do, but all have to be refused.
for (const [name, [fits, change]] of Object.entries(mutations)) {
    const reports = seen.filter((report) => !report.truncated && fits(report)).slice(0, 50);
    const accepted = reports.filter((report) => {
        const changed = structuredClone(report);
        change(changed);
        return validate(changed).length === 0;
    });
    tap(`${name} would be refused`, reports.length === 0
        ? ['no report has been seen that could be changed so']
        : accepted.map((report) => JSON.stringify(report)));
}

console.log(`1..${count}`);
process.exit(bad ? 1 : 0);
