// Package sfrdmc speaks to SFR Business "Diffusion Multi-Canal" (DMC), by its
// unit messages: MessagesUnitairesWS of the JSON API.
//
// Sources are named in comments as follows. "DMC developer guide" is SFR's
// "API DMC - Guide du développeur", v1.7, reference DMCv1_SFD064, with its
// section. "SFR online help" is the public help of DMC, newer than the guide.
// "Observed" is what public integrations show of the platform. "Inferred" is
// our own reading where no source speaks.
//
// What it does not do: broadcasts, the buffered API (it answers OK to wrong
// values and drops them: DMC developer guide v1.7, 2.8.1), balance (DMC has no
// method for it). It sends the text as it is, line breaks and dynamic parts
// such as <#shortcode#> included.
//
// Start with submit.go, then answer.go and errors.go.
package sfrdmc
