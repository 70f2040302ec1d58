import LogtoClient from '@logto/browser';

/** @type {any} */
let client;

/** The smallest application of the SDK: the test calls the client's methods from outside. */
Object.assign(window, {
  callClient: (
    /** @type {import('@logto/browser').LogtoConfig} */ config,
    /** @type {string} */ method,
    /** @type {unknown[]} */ args,
  ) => {
    client ??= new LogtoClient(config);
    return client[method](...args);
  },
});
