#!/bin/bash
# mysqld --no-defaults --initialize-insecure --datadir=FOLDER, or mysqld --defaults-file=FILE, as MySQL 8.0 takes them.
# Like MySQL it makes an account root@localhost, and refuses a folder that holds something already.
set -eu
case " $* " in
    *" --initialize-insecure "*)
        folder=$(printf '%s\n' "$@" | sed -n 's/^--datadir=//p')
        if [ -n "$(ls -A "$folder")" ]; then
            echo "[ERROR] [MY-010457] --initialize specified but the data directory has files in it. Aborting." >&2
            exit 1
        fi
        exec mariadb-install-db --no-defaults --auth-root-authentication-method=normal --skip-test-db --datadir="$folder"
        ;;
    *)
        exec mariadbd "$@"
        ;;
esac
