# SPDX-License-Identifier: MIT
"""What the kubelet of a node tells, by way of its read-only port and its log.

    pods.py healthy                 exits with 1 unless it is
    pods.py state POD               a line with the state of a pod and its containers
    pods.py id POD CONTAINER        the id of a container
    pods.py message POD CONTAINER   what a container left as its last message
    pods.py stopped LOG ID          how many seconds it took to stop one
    pods.py events LOG POD [SINCE]  its events so far, from number SINCE (0) on, as JSON: time, reason, message
"""
import json
import re
import sys
import urllib.request

NODE = '-node'


def ask(port, path):
    return urllib.request.urlopen(f'http://127.0.0.1:{port}{path}', timeout=5).read().decode()


def find(name):
    for pod in json.loads(ask(10255, '/pods'))['items'] or []:
        if pod['metadata']['name'] == name + NODE:
            return pod['status']
    return None


def containers(status):
    return status.get('initContainerStatuses', []) + status.get('containerStatuses', [])


def described(container):
    state, what = next(iter(container['state'].items()), ('none', {}))
    text = f"{container['name']}={state}"
    if 'reason' in what:
        text += ':' + what['reason']
    if 'exitCode' in what:
        text += f"/{what['exitCode']}"
    return f"{text} started={container.get('started')} ready={container['ready']} restarts={container['restartCount']}"


def state(name):
    status = find(name)
    if status is None:
        return 'gone'
    ready = {one['type']: one['status'] for one in status.get('conditions', [])}.get('Ready')
    return ' '.join([status['phase'], f'Ready={ready}', *map(described, containers(status))])


def find_container(pod, name):
    return next(one for one in containers(find(pod)) if one['name'] == name)


def message(pod, name):
    container = find_container(pod, name)
    for when in 'state', 'lastState':
        what = container.get(when, {}).get('terminated')
        if what:
            return what.get('message', '')
    return ''


def stopped(log, container):
    # The first of each: a kubelet may try twice.
    times = {}
    with open(log, encoding='utf-8', errors='replace') as lines:
        for line in lines:
            found = re.search(rf'(Killing container|Container) "containerd://{container}" (with|exited)', line)
            if found:
                hours, minutes, seconds = line.split()[1].split(':')
                times.setdefault(found[2], int(hours) * 3600 + int(minutes) * 60 + float(seconds))
    return round((times['exited'] - times['with']) % 86400, 3)


def events(log, pod):
    with open(log, encoding='utf-8', errors='replace') as lines:
        for line in lines:
            if 'Event occurred' in line and f'object="default/{pod}{NODE}"' in line:
                reason = re.search(r' reason="([^"]*)"', line)[1]
                text = json.loads(re.search(r' message=("(?:[^"\\]|\\.)*")', line)[1])
                yield json.dumps({'time': line.split()[1], 'reason': reason, 'message': text})


def main(what, *rest):
    if what == 'healthy':
        return ask(10248, '/healthz') != 'ok'
    if what == 'state':
        print(state(*rest))
    elif what == 'id':
        print(find_container(*rest)['containerID'].removeprefix('containerd://'))
    elif what == 'message':
        print(message(*rest))
    elif what == 'stopped':
        print(stopped(*rest))
    elif what == 'events':
        for line in list(events(*rest[:2]))[int(rest[2]) if len(rest) > 2 else 0:]:
            print(line)
    return 0


sys.exit(main(*sys.argv[1:]))
