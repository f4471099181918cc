// Runs ONNX models with ONNX Runtime, one request a line on stdin, one answer a line on stdout:
//   {"model": "m.onnx", "inputs": {"x": "x.npy"}, "outputs": "folder", "optimised": true} -> {"outputs": {"y": "folder/0.npy"}}
// or {"error": "why"}. argv[2]: the folder whose node_modules holds onnxruntime-node.
'use strict';
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const ort = require(path.join(process.argv[2], 'node_modules', 'onnxruntime-node'));

const kinds = {
  '<f4': ['float32', Float32Array],
  '<i8': ['int64', BigInt64Array],
};

function readNpy(file) {
  const bytes = fs.readFileSync(file);
  const length = bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, 10 + length);
  const [name, Kind] = kinds[/'descr': '([^']+)'/.exec(header)[1]];
  const sizes = /'shape': \(([^)]*)\)/.exec(header)[1].split(',').map((s) => s.trim()).filter(Boolean).map(Number);
  const data = bytes.subarray(10 + length);
  return new ort.Tensor(name, new Kind(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)), sizes);
}

function writeNpy(file, tensor) {
  const kind = Object.keys(kinds).find((key) => kinds[key][0] === tensor.type);
  if (!kind) throw new Error(`an output is ${tensor.type}`);
  const sizes = tensor.dims.join(', ') + (tensor.dims.length === 1 ? ',' : '');
  let header = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${sizes}), }`;
  header += ' '.repeat(63 - ((10 + header.length) % 64)) + '\n';
  const start = Buffer.from('\x93NUMPY\x01\x00\0\0' + header, 'latin1');
  start.writeUInt16LE(header.length, 8);
  const data = Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
  fs.writeFileSync(file, Buffer.concat([start, data]));
}

async function answer(request) {
  const options = {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    graphOptimizationLevel: request.optimised ? 'all' : 'disabled',
  };
  const session = await ort.InferenceSession.create(request.model, options);
  try {
    const feeds = {};
    for (const [name, file] of Object.entries(request.inputs)) feeds[name] = readNpy(file);
    const results = await session.run(feeds);
    const outputs = {};
    session.outputNames.forEach((name, i) => {
      outputs[name] = path.join(request.outputs, `${i}.npy`);
      writeNpy(outputs[name], results[name]);
    });
    return {outputs};
  } finally {
    await session.release();
  }
}

(async () => {
  for await (const line of readline.createInterface({input: process.stdin})) {
    let reply;
    try {
      reply = await answer(JSON.parse(line));
    } catch (error) {
      reply = {error: String(error.message || error)};
    }
    process.stdout.write(JSON.stringify(reply) + '\n');
  }
})();
