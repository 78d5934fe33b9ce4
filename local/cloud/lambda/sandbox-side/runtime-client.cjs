/**
 * Stands in for the native addon of `aws-lambda-ric`: the same three calls against the Lambda Runtime API
 * (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html), over one kept-alive connection, so that the answer to
 * an invocation always arrives before the question for the next one. A lost connection ends the process: the supervisor is gone.
 */
'use strict';

const { Agent, request } = require('node:http');
const { flushCompileCache } = require('node:module');

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body, headers) {
  return new Promise((resolve, reject) => {
    const options = { hostname, port, agent, method, path: `/2018-06-01/runtime/invocation/${path}`, headers };
    const outgoing = request(options, (response) => {
      let bodyJson = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        bodyJson += chunk;
      });
      response.on('end', () => resolve({ bodyJson, headers: response.headers }));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/**
 * Node keeps compiled code when a process ends, which sandboxes do without being asked. With the first invocations, of which one
 * may only have warmed up, all is loaded that the function works with. Where nothing is to be kept, this does nothing.
 */
const invocationsBeforeKeeping = 2;
let asked = 0;

function next() {
  if (asked++ === invocationsBeforeKeeping) flushCompileCache();
  return call('GET', 'next');
}

module.exports = {
  next,
  done: (requestId, body) => call('POST', `${requestId}/response`, body),
  error: (requestId, body) => call('POST', `${requestId}/error`, body),
};
