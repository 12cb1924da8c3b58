// Package tariff holds what a segment costs, by destination: a table that somebody
// wrote into a file, or a price that an operator told. It says by which of them a
// price holds, in English and in French.
//
// It knows nothing of the gateway and makes no call. Begin with table.go; file.go
// reads the files, sentence.go speaks.
package tariff
