#!/bin/sh
# Fetches a release and restarts the service.
set -eu

version="${1:?usage: deploy.sh VERSION}"
target=/srv/shop/releases/$version

mkdir -p "$target"
curl -fsS -u deploy:TUPCYKtCQq6nLoas "https://artifacts.shop.internal/shop/$version.tar.gz" | tar -xz -C "$target"
ln -sfn "$target" /srv/shop/current
systemctl restart shop
