// Package peer plays the platform apart from the library: from the protocol alone, with Go's standard library and gmsm.
// So what the two agree on is not one mistake made twice. It is for the tests, and a module of its own, so that those who
// use the binding do not need gmsm.
//
//	text     the signed text, the fields of a message     scheme   RSA and SM2, the platform's and the merchant's side
//	cipher   DES                                          gateway  opens requests, seals answers, serves HTTP
package peer
