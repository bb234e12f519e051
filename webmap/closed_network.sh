# shellcheck shell=bash
# Part of the launcher, for machines without a network: unpacks what `onemap bundle` wrote, and goes
# from one version to the next and back. Sourced by `onemap`, whose functions it uses.

# Root's releases belong to root, so that the account can alter nothing that root starts.
releases_folder() {
    if [[ -n ${ONEMAP_RELEASES_DIR:-} ]]; then
        echo "$ONEMAP_RELEASES_DIR"
    elif ((EUID == 0)); then
        echo /opt/onemap
    else
        echo "${ONEMAP_STATE_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/onemap}/releases"
    fi
}

unpack_bundle() { # FILE: checks everything, then sets `release` to its folder
    local file=$1 fresh id releases
    releases=$(releases_folder)
    [[ -f $file && -r $file ]] || fail "没有这个文件，或不可读：$file" "no such file, or not readable: $file"
    (umask 022 && mkdir -p "$releases")
    fresh=$(mktemp -d "$releases/.new.XXXXXX")
    # shellcheck disable=SC2064 # the value of now is wanted
    trap "rm -rf '$fresh'" EXIT
    chmod 755 "$fresh"
    say "正在解包并校验" "unpacking and checking"
    if ! tar -C "$fresh" --no-same-owner -xf "$file" 2>/dev/null || [[ ! -f $fresh/SHA256SUMS ]]; then
        fail "$file 不是 onemap 安装包，或已截断" "$file is no bundle of onemap, or is cut short"
    fi
    (cd "$fresh" && sha256sum --quiet --strict -c SHA256SUMS >/dev/null 2>&1 &&
        cmp -s <(cut -c67- SHA256SUMS | LC_ALL=C sort) \
            <(find . -type f ! -path ./SHA256SUMS -printf '%P\n' | LC_ALL=C sort)) ||
        fail "$file 已损坏：校验和不符" "$file is damaged: its checksums differ"
    /usr/bin/env python3 - "$fresh/MANIFEST.json" <<'PYTHON' ||
import json, platform, sys
said = json.load(open(sys.argv[1], encoding="utf-8"))
here = [1, "%d.%d" % sys.version_info[:2], platform.machine()]
sys.exit([said["layout"], said["python"], said["machine"]] != here)
PYTHON
        fail "$file 是为另一版 Python 或另一种机器制作的，见其 MANIFEST.json" \
            "$file was made for another Python or machine, see its MANIFEST.json"
    id=$(sha256sum "$fresh/SHA256SUMS" | cut -c1-16)
    release=$releases/$id
    if [[ ! -d $release ]]; then
        python3 -m compileall -q -j 0 "$fresh/onemap" >/dev/null 2>&1 || true
        mv -T "$fresh" "$release"
    fi
    rm -rf "$fresh"
    trap - EXIT
}

switch_to() { # RELEASE: in one step
    local releases
    releases=$(releases_folder)
    ln -sfn "$(basename "$1")" "$releases/.current.$$"
    mv -T "$releases/.current.$$" "$releases/current"
}

# The folder of a release's packages as the only place apt looks at; prints the settings for it.
local_repository() { # FOLDER
    local made
    made=$(mktemp -d)
    chmod 755 "$made"
    mkdir -p "$made/lists/partial"
    echo "deb [trusted=yes] file:$1 ./" >"$made/sources.list"
    cat >"$made/apt.conf" <<SETTINGS
Dir::Etc::sourcelist "$made/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$made/lists";
SETTINGS
    echo "$made/apt.conf"
}

# As an ordinary user or root: `demo --from FILE ...`, `install --from FILE`.
start_from_bundle() { # COMMAND FILE ARGUMENT...
    local command=$1 release
    unpack_bundle "$2"
    shift 2
    [[ -e $(releases_folder)/current ]] || switch_to "$release"
    if [[ $command == install ]]; then
        "$release/onemap/onemap" --help >/dev/null
        say "已安装；启动：$(releases_folder)/current/onemap/onemap demo（或 serve）" \
            "installed; start it by $(releases_folder)/current/onemap/onemap demo (or serve)"
        return
    fi
    exec "$release/onemap/onemap" "$command" "$@"
}

units_at_work() { # prints the units of ours that run
    ((EUID == 0)) && command -v systemctl >/dev/null || return 0
    ! systemctl --quiet is-active onemap.service 2>/dev/null || echo onemap.service
}

# Root's units were written for a copy of the code, as before the first upgrade: from now on they
# start whatever is the current version.
follow_current() {
    local folder=${ONEMAP_UNITS_DIR:-/etc/systemd/system} program unit line moved=()
    ((EUID == 0)) || [[ -n ${ONEMAP_UNITS_DIR:-} ]] || return 0
    program=$(releases_folder)/current/onemap/onemap
    program=${program//%/%%}
    for unit in "$folder"/onemap{,-database,-backup}.service; do
        [[ -f $unit ]] || continue
        while IFS= read -r line; do
            [[ ! $line =~ ^(Exec(Start|Stop)=)\"[^\"]*/onemap\"(.*)$ ]] ||
                line="${BASH_REMATCH[1]}\"$program\"${BASH_REMATCH[3]}"
            printf '%s\n' "$line"
        done <"$unit" >"$unit.new"
        if ! cmp -s "$unit" "$unit.new"; then
            cp -p "$unit" "$unit.before-upgrade"
            cat "$unit.new" >"$unit"
            moved+=("${unit##*/}")
        fi
        rm -f "$unit.new"
    done
    ((${#moved[@]} != 0)) || return 0
    say "以下服务单元今后启动当前版本：${moved[*]}（原文件另存为 .before-upgrade）" \
        "these units start the current version from now on: ${moved[*]} (the old ones beside them: .before-upgrade)"
    ((EUID != 0)) || ! command -v systemctl >/dev/null || systemctl daemon-reload || true
}

# Back up, migrate, and only then make the new version the current one. Whatever fails, the old
# version and its register stay: its code and its environment are touched by nothing.
upgrade() { # FILE
    local releases old new release kept units
    releases=$(releases_folder)
    # shellcheck disable=SC2154 # the launcher's
    old=$checkout/onemap
    [[ ! -e $releases/current ]] || old=$(readlink -f "$releases/current")/onemap/onemap
    unpack_bundle "$1"
    new=$release/onemap/onemap
    [[ $new != "$old" ]] || fail "已是这个版本" "this is the version at work"
    say "正在准备新版本的运行环境" "preparing the environment of the new version"
    "$new" --help >/dev/null
    mapfile -t units < <(units_at_work)
    ((${#units[@]} == 0)) || systemctl stop "${units[@]}"
    # shellcheck disable=SC2064 # the values of now are wanted
    ((${#units[@]} == 0)) || trap "systemctl start ${units[*]}" EXIT
    is_idle || fail "onemap 正在运行，请先停止 serve 和 worker" "onemap is running: stop serve and worker first"
    kept=$releases/before-upgrade-$(date +%Y%m%d-%H%M%S).backup
    "$old" db backup "$kept" || fail "升级前备份失败，未做任何改动" "the backup failed; nothing was changed"
    if "$new" db migrate; then
        switch_to "$release"
        follow_current
        say "已升级；升级前的备份：$kept" "upgraded; the backup from before: $kept"
        return
    fi
    say "迁移失败，正在恢复旧版本" "the migration failed; going back to the old version"
    # It changes all or nothing; should it ever have left something, the backup has it as it was.
    if "$old" db migrate >/dev/null 2>&1 || "$old" db restore "$kept"; then
        fail "升级未完成，旧版本照常可用；备份：$kept" \
            "not upgraded; the old version works as before; the backup: $kept"
    fi
    fail "升级未完成，恢复旧版本也失败；备份：$kept" \
        "not upgraded, and going back failed too; the backup: $kept"
}

is_idle() { # whether no process of ours uses the private cluster
    local state=${ONEMAP_STATE_DIR:-} lock
    if [[ -z $state ]]; then
        state=${XDG_STATE_HOME:-$HOME/.local/state}/onemap
        ((EUID != 0)) || state=/var/lib/onemap
    fi
    lock=$state/cluster/users.lock
    [[ ! -e $lock ]] || flock --exclusive --nonblock "$lock" true
}
