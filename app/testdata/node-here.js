// Loaded before a client for Node.js: every name leads to this machine, as in a hosts file.
'use strict';
const dns = require('dns');

dns.lookup = (name, options, callback) => {
	const done = callback || options;
	const here = { address: '127.0.0.1', family: 4 };
	process.nextTick(() => (options && options.all ? done(null, [here]) : done(null, here.address, here.family)));
};
