// Package look is what an organisation puts on the console of its gateway: its colour,
// its logo. Colours are judged by the contrast of WCAG 2.1, success criterion 1.4.3.
package look
