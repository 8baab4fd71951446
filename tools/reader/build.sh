#!/bin/sh
# From the material to the reader that Beleg ships: `sh tools/reader/build.sh TEACHER FOLDER [DEVICE]`. TEACHER is
# multilingual-e5-small in the format of sentence-transformers, FOLDER takes what is made on the way.
set -e
teacher=$1 out=$2 device=${3:-cuda} tools=$(dirname "$0")
learn() { python "$tools/train.py" --device "$device" --questions 128 --size 24000 --dropout 0.1 --workers 8 --every 400 "$@"; }
python "$tools/pack.py" "$out/small"
python "$tools/pack.py" "$out/large" --embedder "$teacher"
learn --packed "$out/large" --rate 2e-4 --steps 700 --out "$out/teacher"
learn --packed "$out/small" --rate 2.5e-4 --steps 900 --out "$out/begun"
learn --packed "$out/small" --begin "$out/begun/checkpoint.pt" --teacher "$out/large" \
      --taught "$out/teacher/checkpoint.pt" --rate 2e-4 --steps 1450 --seed 5 --out "$out/taught"
python "$tools/export.py" "$out/taught/checkpoint.pt" "$tools/../../rag/models/reader/reader.onnx"
