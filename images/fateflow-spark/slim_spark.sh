#!/bin/sh
# slim_spark.sh OUT: PySpark and pyarrow below OUT without what FATE never runs on them: examples, R, Spark's own machine learning
# and streams, masters other than Spark's and YARN's, pyarrow's servers. Its codecs' libraries come out of their jars, which have one
# for each kind of machine: at every start they would be unpacked into /tmp, from where a hardened container runs nothing.
set -eu
out=$1
rm -rf "$out/usr/local/bin" "$out/usr/local/share"
cd "$out/usr/local/lib/python3.11/dist-packages/pyarrow"
rm -rf include src
rm -f lib*_flight.so* libarrow_flight.so* libarrow_substrait.so* _flight*.so _substrait*.so
cd ../pyspark
rm -rf examples data bin/sparkR* bin/*.cmd
sed -i '/^# Append jline option to enable the Beeline/,$d' bin/load-spark-env.sh # it asks `ps`, which no image has
cd jars
for unused in algebra arpack breeze cats-kernel JTransforms kubernetes mesos rocksdbjni spark-graphx spark-kubernetes spark-mesos \
    spark-mllib spire; do
    ls "$unused"* >/dev/null
    rm "$unused"*
done

machine=$(uname -m)
case $machine in
    x86_64) other=amd64 ;;
    *) other=$machine ;;
esac
mkdir -p "$out/usr/lib/jni"
while read -r jar library; do
    unzip -q -j -d "$out/usr/lib/jni" "$jar"-*.jar "$library"
    zip -q -d "$jar"-*.jar '*.so' '*.dll' '*.dylib' '*.jnilib' '*.a'
done <<LIBRARIES
lz4-java net/jpountz/util/linux/$other/liblz4-java.so
snappy-java org/xerial/snappy/native/Linux/$machine/libsnappyjava.so
zstd-jni linux/$other/libzstd-jni-*.so
LIBRARIES
cd "$(mktemp -d)"
echo 'org.xerial.snappy.use.systemlib=true' >org-xerial-snappy.properties # else Snappy looks into its jar alone
zip -q "$OLDPWD"/snappy-java-*.jar org-xerial-snappy.properties
chmod 0644 "$out"/usr/lib/jni/*
