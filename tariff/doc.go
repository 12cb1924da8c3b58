// Package tariff holds what a segment costs, by destination: a table from a file, or a price
// that an operator told. It says which of them a price comes from.
//
// It knows nothing of the gateway and makes no call. Begin with table.go; file.go reads the
// files.
package tariff
