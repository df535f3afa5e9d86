// UTWS logsAvailable on npm's soap, which checks next to nothing: node server.js PORT. NODE_PATH leads to the package.
'use strict';

const fs = require('fs');
const http = require('http');
const path = require('path');
const soap = require('soap');

const PUBLISH = ['Discard', 'SummaryOnly', 'Details'];

function toPublish(session) {
  const product = Number(session.productID) || 0;
  return Object.assign({}, session, {
    publish: PUBLISH[Math.abs(product) % 3],
    publishUntil: 1767225600 + product,
  });
}

function logsAvailable(parameters) {
  const given = parameters && parameters.sessions && parameters.sessions.SessionInfo;
  const sessions = given === undefined || given === null ? [] : [].concat(given);
  return { logsAvailableResult: { SessionsToPublish: sessions.filter((each) => each).map(toPublish) } };
}

const server = http.createServer((request, response) => response.end('ready'));
const wsdl = fs.readFileSync(path.join(__dirname, 'utws.wsdl'), 'utf8');
server.listen(Number(process.argv[2]), '127.0.0.1', () => {
  soap.listen(server, '/usagetracking/utws.asmx', { UTWS: { UTWSSoap: { logsAvailable } } }, wsdl);
});
