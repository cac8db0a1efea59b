// SPDX-License-Identifier: MIT
//
// Questions of kubernetes.sh about manifests, read as YAML from standard input. Exits with 1 and a reason if the answer is
// no.
//
//   node manifests.mjs QUESTION

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';

const objects = parseAllDocuments(readFileSync(0, 'utf8'), { version: '1.1' }).map((document) => {
  assert.deepEqual(document.errors, []);
  return document.toJS();
});
const one = (kind) => {
  const found = objects.filter((object) => object.kind === kind);
  assert.equal(found.length, 1, `one ${kind}`);
  return found[0];
};
const module = (object) => `kubernetes-models/${object.apiVersion}/${object.kind}`;

/** Required fields, formats and values, by the API's JSON schemas. */
async function schema() {
  for (const object of objects) {
    const { [object.kind]: Model } = await import(module(object));
    new Model(object).validate();
  }
}

/** No field unknown to the API: as literals, the objects have exactly the types generated from the same schemas. */
function fields() {
  const directory = mkdtempSync(join(dirname(process.argv[1]), 'node_modules', '.fields-'));
  try {
    const file = join(directory, 'objects.ts');
    const source = objects.map(
      (object, i) => `import type { I${object.kind} as T${i} } from '${module(object)}';\n` +
        `export const o${i}: T${i} = ${JSON.stringify(object, null, 1)};\n`,
    );
    writeFileSync(file, source.join(''));
    const program = ts.createProgram([file], {
      noEmit: true, strict: true, skipLibCheck: true, types: [],
      module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022,
    });
    const problems = ts.getPreEmitDiagnostics(program);
    assert.deepEqual(problems.map((problem) => ts.flattenDiagnosticMessageText(problem.messageText, '\n')), []);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const pod = () => one('Deployment').spec.template.spec;
const containers = () => [...(pod().initContainers ?? []), ...pod().containers];

/** The pod security standard "restricted", and a read-only root. */
function restricted() {
  const spec = pod();
  assert.equal(spec.securityContext.runAsNonRoot, true);
  assert.ok(spec.securityContext.runAsUser > 0);
  assert.equal(spec.securityContext.seccompProfile.type, 'RuntimeDefault');
  assert.ok(!spec.hostNetwork && !spec.hostPID && !spec.hostIPC);
  for (const { name, securityContext: context } of containers()) {
    assert.equal(context?.allowPrivilegeEscalation, false, name);
    assert.deepEqual(context.capabilities, { drop: ['ALL'] }, name);
    assert.equal(context.readOnlyRootFilesystem, true, name);
    assert.ok(!context.privileged && context.runAsUser !== 0, name);
  }
  for (const volume of spec.volumes) {
    assert.ok(volume.emptyDir || volume.secret || volume.configMap || volume.image, volume.name);
  }
}

const probes = () => ['startupProbe', 'readinessProbe', 'livenessProbe'].map((name) => {
  const probe = pod().containers[0][name];
  assert.ok(probe, name);
  return { name, probe, command: probe.exec.command };
});
const milliseconds = (text) => {
  const [, number, unit] = /^([0-9.]+)(ms|s|m|)$/.exec(text);
  return Number(number) * { ms: 1, s: 1000, m: 60000, '': 1000 }[unit];
};

/** Each probe ends before it is killed, and liveness depends only on the service. */
function limits() {
  for (const { name, probe, command } of probes()) {
    const timeout = command[command.indexOf('--timeout') + 1];
    assert.ok(command.includes('--timeout'), name);
    assert.ok(milliseconds(timeout) + 1000 <= probe.timeoutSeconds * 1000, name);
    assert.ok(probe.timeoutSeconds <= 2 * probe.periodSeconds, name);
    assert.equal(command[command.indexOf('--format') + 1], 'short', name);
    assert.equal(command[1], name === 'readinessProbe' ? 'ready' : 'live', name);
  }
}

/** No password in a command line or in the environment: only names of files in a secret. */
function secrets() {
  for (const container of containers()) {
    const line = [...(container.command ?? []), ...(container.args ?? [])].join(' ');
    assert.doesNotMatch(line, /password|:\/\/[^@ ]*:[^@ ]*@/i, container.name);
    assert.deepEqual(container.env ?? [], []);
  }
  const mounted = pod().containers[0].volumeMounts.find((mount) => mount.name === 'secrets').mountPath;
  const keys = process.argv[3].split(',');
  for (const [name, value] of Object.entries(one('ConfigMap').data)) {
    if (/PASSWORD/.test(name)) assert.ok(name.endsWith('_FILE') && keys.some((key) => value === `${mounted}/${key}`), name);
    else assert.doesNotMatch(value, /:\/\/[^@]*:[^@]*@/, name);
  }
}

/** The keys of the Secret, for secrets(). */
const keys = () => console.log(Object.keys(one('Secret').stringData).join(','));

/** Every mount has its volume, the probe's volume has the probe, and the Service finds the pods. */
function wired() {
  const volumes = new Set(pod().volumes.map((volume) => volume.name));
  for (const { volumeMounts } of containers()) {
    for (const { name } of volumeMounts) assert.ok(volumes.has(name), name);
  }
  for (const { envFrom } of containers()) {
    for (const source of envFrom ?? []) assert.equal(source.configMapRef.name, one('ConfigMap').metadata.name);
  }
  assert.deepEqual(one('Service').spec.selector, one('Deployment').spec.template.metadata.labels);
  assert.deepEqual(one('Deployment').spec.selector.matchLabels, one('Deployment').spec.template.metadata.labels);
  const port = one('Service').spec.ports[0].targetPort;
  const { containerPort } = pod().containers[0].ports.find(({ name }) => name === port);
  assert.equal(String(containerPort), one('ConfigMap').data.PORT);
}

/** The probe's volume: filled by an init container, or the image itself. */
function installed() {
  const volume = pod().volumes.find(({ name }) => name === 'probe');
  assert.deepEqual(volume.emptyDir, {});
  assert.deepEqual(pod().initContainers[0].args, ['install', '/probe']);
}
function mounted() {
  const volume = pod().volumes.find(({ name }) => name === 'probe');
  assert.equal(volume.emptyDir, undefined);
  assert.equal(volume.image.reference, process.argv[3]);
  assert.ok(containers().every(({ args }) => args?.[0] !== 'install'));
}

/** For the shell: the environment of the pod and the command lines, one argument per line. */
const environment = () => Object.entries(one('ConfigMap').data).forEach(([name, value]) => console.log(`${name}=${value}`));
const command = () => probes().find(({ name }) => name === process.argv[3]).command.forEach((word) => console.log(word));
const init = () => {
  const { command: words = ['/healthprobe'], args = [] } = pod().initContainers.find(({ name }) => name === process.argv[3]);
  [...words, ...args].forEach((word) => console.log(word));
};
const image = () => console.log(pod().initContainers.find(({ name }) => name === 'healthprobe').image);

const questions = {
  schema, fields, restricted, limits, secrets, keys, wired, installed, mounted, environment, command, init, image,
};
await questions[process.argv[2]]();
