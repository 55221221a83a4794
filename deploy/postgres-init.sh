#!/bin/sh
# Run once by the PostgreSQL image, on an empty volume: the application's role owns its database and is no superuser.
# The superuser gets no password: it can be used inside the container only, not by whoever learns the application's.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$WAYMARK_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE waymark LOGIN PASSWORD :'password';
CREATE DATABASE waymark OWNER waymark TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin LOCALE 'C.UTF-8';
ALTER ROLE CURRENT_USER PASSWORD NULL;
SQL
