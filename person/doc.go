// Package person keeps the promises that are made to people about their numbers and texts:
// what is stored of a number is exported, erased, or hidden after a time.
package person
