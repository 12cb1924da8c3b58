package ovh

// Signature is what a client sends.
var Signature = signature
