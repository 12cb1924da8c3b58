package dmc

import "relais/sandbox/world"

// ends are the codes of what becomes of a text.
var ends = map[world.End]result{
	world.Arrived:           received,
	world.Absent:            {"CRA_SMS_FALSENUMBER", "Abonné absent"},
	world.UnknownSubscriber: {"CRA_SMS_WRONGNUMBER", "Abonné inconnu"},
	world.Blocked:           {"CRA_SMS_BLOCKED", "Appel bloqué"},
	world.Expired:           {"CRA_SMS_DATEEXPIRED", "Date de validité expirée"},
	world.NetworkFailure:    {"CRA_SMS_OPFAILURE", "Echec opérateur"},
}
