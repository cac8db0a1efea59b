#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What tools/packages leaves behind on a machine. It runs in a separate root, with the machine's /usr, Debian's helpers,
# and an apt-get that installs nothing but enables a service as a package does. TAP on standard output.
#
#   tests/build/packages.sh

set -uo pipefail
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=$(cd "$here/../../tools" && pwd)
if [[ ${1:-} != inside ]]; then
    flags=(--mount)
    ((EUID == 0)) || flags+=(--user --map-root-user)
    exec unshare "${flags[@]}" "$here/${BASH_SOURCE[0]##*/}" inside
fi
# shellcheck source=tests/container/tap.bash
. "$here/../container/tap.bash"

root=$(mktemp -d)
trap 'umount -lR "$root" 2>/dev/null; rmdir "$root"' EXIT
mount -t tmpfs root "$root" || { echo 'Bail out! cannot mount anything'; exit 99; }

put() { mkdir -p "${1%/*}" && cat >"$1" && chmod 755 "$1"; }

# A root like that of a machine with one enabled service.
make_root() {
    local directory
    mkdir -p "$root"/{usr,etc/{systemd/system/multi-user.target.wants,init.d,rc2.d},var/lib/{apt/lists,fake},run/lock,tmp,dev}
    for directory in bin sbin lib lib64; do
        [[ ! -L /$directory ]] || ln -s "$(readlink "/$directory")" "$root/$directory"
    done
    mount --rbind /usr "$root/usr"
    mount -t tmpfs sbin "$root/usr/sbin"
    cp /usr/sbin/update-rc.d "$root/usr/sbin/"
    : >"$root/dev/null"
    mount --bind /dev/null "$root/dev/null"
    mkdir "$root/proc"
    mount --rbind /proc "$root/proc"
    ln -s /proc/self/fd "$root/dev/fd"
    mkdir "$root/packages"
    mount --rbind "$tools" "$root/packages"
    : >"$root/var/lib/apt/lists/fake_Packages"
    put "$root/tmp/dpkg-query" <<'SH'
#!/bin/bash
case $1 in
-S)
    case $2 in
    '*/systemd/system/demo.service') echo 'demo-common, demo:amd64: /lib/systemd/system/demo.service' ;;
    '*/init.d/demo') echo 'demo: /etc/init.d/demo' ;;
    '*/systemd/system/upgraded.service') echo 'upgraded:amd64: /usr/lib/systemd/system/upgraded.service' ;;
    *) exit 1 ;;
    esac
    ;;
*)
    echo 'installed upgraded'
    for name; do [[ ! -e /var/lib/fake/$name ]] || echo "installed $name"; done
    ;;
esac
SH
    put "$root/tmp/apt-cache" <<<$'#!/bin/bash\necho "  Candidate: 1.0"'
    put "$root/tmp/apt-get" <<'SH'
#!/bin/bash
# As a package's scripts do it.
export DPKG_MAINTSCRIPT_PACKAGE=demo DPKG_MAINTSCRIPT_NAME=postinst
printf '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\nAlias=also.service\n' \
    >/etc/systemd/system/demo.service
printf '#!/bin/sh\n### BEGIN INIT INFO\n# Provides: demo\n# Required-Start:\n# Required-Stop:\n# Default-Start: 2 3 4 5\n# Default-Stop: 0 1 6\n### END INIT INFO\n' >/etc/init.d/demo
chmod 755 /etc/init.d/demo
deb-systemd-helper enable demo.service
update-rc.d demo defaults
ln -s /dev/null /etc/systemd/system/masked.service
# What an administrator enables meanwhile, and what the upgrade of an installed package enables.
ln -sf /etc/systemd/system/own.service /etc/systemd/system/multi-user.target.wants/own.service
ln -sf ../init.d/own /etc/rc2.d/S01own
ln -sf /lib/systemd/system/upgraded.service /etc/systemd/system/multi-user.target.wants/upgraded.service
find /etc/systemd/system/multi-user.target.wants/demo.service /etc/rc2.d/S*demo >/var/lib/fake/made || exit 1
if [[ -e /var/lib/fails ]]; then exit 100; fi
for word; do case $word in -* | install) ;; *) : >"/var/lib/fake/$word" ;; esac; done
SH
    for directory in dpkg-query apt-cache apt-get; do
        [[ -e $root/usr/bin/$directory ]] && mount --bind "$root/tmp/$directory" "$root/usr/bin/$directory"
    done
    ln -s /lib/systemd/system/other.service "$root/etc/systemd/system/multi-user.target.wants/other.service"
    ln -s ../init.d/other "$root/etc/rc2.d/S01other"
}

install() { chroot "$root" /packages/packages docs; }
still_enabled() { find "$root/etc/systemd" "$root"/etc/rc?.d \( -name '*demo*' -o -name 'also*' \) -type l ! -name 'K*'; }
nothing_new() { [[ -e $root/var/lib/fake/made && -z $(still_enabled) ]] || { still_enabled; return 1; }; }
others_stay() {
    [[ -L $root/etc/systemd/system/multi-user.target.wants/other.service && -L $root/etc/rc2.d/S01other &&
        -L $root/etc/systemd/system/masked.service ]]
}
made_by_others_stays() {
    [[ -L $root/etc/systemd/system/multi-user.target.wants/own.service && -L $root/etc/rc2.d/S01own &&
        -L $root/etc/systemd/system/multi-user.target.wants/upgraded.service ]]
}
no_guard() { [[ ! -e $root/usr/sbin/policy-rc.d ]]; }
forget() { rm -rf "$root"/var/lib/{fake/*,systemd} "$root"/etc/{systemd/system/{demo,masked}.service,init.d/demo} "$root"/etc/rc?.d/*demo; }
install_fails() { ! install; }

make_root
tap 'packages are installed' install
tap 'what they enable for the next boot is undone, where systemd does not run' nothing_new
tap 'what was enabled before stays, and so does what keeps a service from starting' others_stay
tap 'what others enabled meanwhile stays' made_by_others_stays
tap 'services can be started again' no_guard
forget
: >"$root/var/lib/fails"
tap 'a failed installation is reported' install_fails
tap 'what it enabled is undone' nothing_new
tap 'what was enabled before stays then too' others_stay
rm "$root/var/lib/fails"
forget
mkdir -p "$root/run/systemd/system"
tap 'packages are installed where systemd runs' install
tap 'what they enable is undone there' nothing_new
tap_end
