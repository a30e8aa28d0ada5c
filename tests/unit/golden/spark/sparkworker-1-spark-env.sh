# /etc/fate/spark-env.sh
export SPARK_WORKER_CORES=2
export SPARK_WORKER_MEMORY=1152m
