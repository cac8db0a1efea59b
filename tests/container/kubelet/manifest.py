# SPDX-License-Identifier: MIT
"""The pod of docker/kubernetes/base as a static one, on standard output as JSON, which a kubelet reads too.

    manifest.py BASE NAME PROBE EXAMPLE [CHANGE...]

Only what needs an API server is replaced: the variables of the ConfigMap stand in the pod, the Secret is a directory of
the node, there is no network but the node's, and images are those given. A CHANGE is a statement of Python; it may
change pod, spec, containers (by name) and drop(NAME), which removes an init container.
"""
import json
import sys

import yaml

base, name, probe, example = sys.argv[1:5]
with open(f'{base}/deployment.yaml', encoding='utf-8') as text:
    template = yaml.safe_load(text)['spec']['template']
with open(f'{base}/kustomization.yaml', encoding='utf-8') as text:
    literals = yaml.safe_load(text)['configMapGenerator'][0]['literals']

# Without the anchors of YAML, what is changed is changed once.
spec = json.loads(json.dumps(template['spec']))
spec['hostNetwork'] = True
for volume in spec['volumes']:
    if volume.pop('secret', None):
        volume['hostPath'] = {'path': '/node/secrets', 'type': 'Directory'}
containers = {}
for container in spec['initContainers'] + spec['containers']:
    containers[container['name']] = container
    container['image'] = {'healthprobe': probe, 'healthprobe-example': example}[container['image']]
    container['imagePullPolicy'] = 'Never'
    if container.pop('envFrom', None):
        container['env'] = [dict(zip(('name', 'value'), line.split('=', 1))) for line in literals]
pod = {'apiVersion': 'v1', 'kind': 'Pod', 'spec': spec,
       'metadata': {'name': name, 'namespace': 'default', **template['metadata']}}


def drop(unwanted):
    spec['initContainers'] = [one for one in spec['initContainers'] if one['name'] != unwanted]


for change in sys.argv[5:]:
    exec(change)
json.dump(pod, sys.stdout, indent=1)
