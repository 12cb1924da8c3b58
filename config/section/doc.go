// Package section is what parts of the program tell the configuration about sections
// of their own: the table that they stand in, their defaults, and what is wrong with
// one. The configuration reads, shows and explains a section without knowing whose it
// is. Here are also the judgements that several sections share.
package section
