// Package local holds the commands that work on the machine of a gateway: on its
// configuration, its database and its operators' accounts, whether it runs or not. Each
// lives in the file named after it.
package local
