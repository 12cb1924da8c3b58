// Package gsm holds the alphabets of a short message: the GSM 7-bit default
// alphabet with its extension table, and UCS-2. It counts the segments of a
// text, cuts it into them, and codes it to septets and octets.
//
// It knows nothing of messages, operators or connections, and imports the
// standard library only. National language tables are not used: operators
// offer no way to ask for them. Start with count.go.
//
// Sources: 3GPP TS 23.038, 6.2.1 (default alphabet), 6.2.1.1 (extension
// table), 6.2.3 (UCS-2), 6.1.2.1 (packing); 3GPP TS 23.040, 9.2.3.24.1
// (concatenation).
//
// Text that is not valid UTF-8 is read as Go's range does: each bad byte
// stands for one U+FFFD, which is a UCS-2 character of one unit.
package gsm
