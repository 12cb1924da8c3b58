// Package inbox decides what the news of operators do: which status a receipt gives its
// message, which reply is a STOP, who is put on a suppression list and who is taken off.
// It decides; the stores write.
package inbox
