# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A node of Kubernetes without a cluster: containerd and a kubelet, which runs the static pods of a directory. Sourced
# after tap.bash, by a script that has set "work".
#
#   node_start ROOT PAUSE NAME...   starts it, with the images of $work/images.tar, of which PAUSE is the one of sandboxes;
#                                   NAMEs are names of its loopback. Sets node_pid, its process 1.
#   node_stop                       ends all that runs in it; it may be called at any time
#   in_node COMMAND...              runs a command of the node's root in it
#   node_pods ARG...                pods.py, in its network
#
# Pods are the files of $work/node/pods; $work/node is /node there.

node_directory=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
node_outer='' node_pid=''
node_memory=3G
node_cgroups() { find /sys/fs/cgroup -mindepth 2 -maxdepth 2 -type d -name "healthprobe-node-$$"; }

in_node() {
    nsenter --target "$node_pid" --mount --uts --ipc --net --pid --cgroup --root --wd -- \
        env -i PATH=/usr/bin:/usr/sbin:/bin:/sbin "$@"
}
node_pods() { nsenter "--net=/proc/$node_pid/ns/net" python3 "$node_directory/pods.py" "$@"; }

# Make a separate cgroup in each hierarchy, and join it.
node_join() {
    local hierarchy cgroup
    for hierarchy in /sys/fs/cgroup/*; do
        cgroup=$hierarchy/healthprobe-node-$1
        [[ -e $hierarchy/cgroup.procs ]] && mkdir "$cgroup" || continue
        case ${hierarchy##*/} in
            cpuset)
                cat "$hierarchy/cpuset.cpus" >"$cgroup/cpuset.cpus"
                cat "$hierarchy/cpuset.mems" >"$cgroup/cpuset.mems"
                echo 1 >"$cgroup/cgroup.clone_children"
                ;;
            memory)
                echo 1 >"$cgroup/memory.use_hierarchy" || true
                echo "$node_memory" >"$cgroup/memory.limit_in_bytes"
                ;;
        esac
        echo "$BASHPID" >"$cgroup/cgroup.procs"
    done
}

node_is_up() {
    [[ -e /proc/$node_outer ]] || return 0
    node_pods healthy
}

node_start() {
    local root=$1 pause=$2
    shift 2
    mkdir -p "$work"/node/{pods,secrets}
    ln -f "$work/images.tar" "$work/node/images.tar"
    sed "s|PAUSE|$pause|" "$node_directory/containerd.toml" >"$work/node/containerd.toml"
    cp "$node_directory/kubelet.yaml" "$work/node/"
    (
        node_join "$$"
        exec unshare --mount --net --pid --ipc --uts --cgroup --fork --kill-child \
            "$node_directory/init" "$root" "$work/node" "$@"
    ) >"$work/node.log" 2>&1 </dev/null &
    node_outer=$!
    # Before it is unshare; after it, its children.
    child() {
        [[ $(<"/proc/$node_outer/comm") == unshare ]] &&
            node_pid=$(xargs <"/proc/$node_outer/task/$node_outer/children") && [[ -n $node_pid ]]
    }
    until child 2>/dev/null; do sleep 0.1; done
    within 60 node_is_up || return
    [[ -e /proc/$node_outer ]] || { cat "$work/node.log"; return 1; }
}

node_stop() {
    [[ -n $node_outer ]] || return 0
    # Its namespace ends with process 1.
    kill -KILL "$node_pid" 2>/dev/null || true
    wait "$node_outer" 2>/dev/null || true
    node_outer=''
    removed() {
        node_cgroups | while read -r cgroup; do find "$cgroup" -depth -type d -exec rmdir {} +; done
        [[ -z $(node_cgroups) ]]
    }
    within 10 removed
}
