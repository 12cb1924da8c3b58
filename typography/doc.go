// Package typography is what becomes of a text before it is counted: what Unicode
// writes in several ways is written in one, and on demand the characters that the
// GSM alphabet lacks give way to what people would type on an old telephone.
package typography
