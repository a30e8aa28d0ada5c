#!/bin/sh
# lay_out.sh SOURCE OUT: FATE and FATE-Flow out of Python's packages in the official images' layout, and the two clients' commands.
# FATE-Flow's conf comes to lie in /conf, for it belongs to the user of the image.
set -eu
source=$1 out=$2
site=$out/usr/local/lib/python3.11/dist-packages home=$out/data/projects/fate
cp "$source"/fate_enum_fix.* "$site/"
mkdir -p "$home/fate_flow/python" "$home/fate/python"
mv "$site/fate_flow" "$site/ofx" "$home/fate_flow/python/"
mv "$home/fate_flow/python/fate_flow/conf" /conf
cp "$home/fate_flow/python/fate_flow/fateflow.env" "$home/fate_flow/"
mv "$site/fate" "$home/fate/python/"
find "$out/usr/local/bin" -type f ! -name flow ! -name pipeline -delete
rm -rf "$out/usr/local/share"
cd "$site"
rm -rf node_modules ut README.md COPYING isympy.py pydevd_plugins transformers/models/*/convert_*.py
