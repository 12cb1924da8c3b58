package alertmanager

import "relais/reason"

// Why a value of the configuration cannot work. The sentences stand in the catalogues.
const (
	whySecret   reason.Code = "config_invalid/alertmanager_secret"
	whySegments reason.Code = "config_invalid/alertmanager_segments"
	whyTemplate reason.Code = "config_invalid/alertmanager_template"
	whyTo       reason.Code = "config_invalid/alertmanager_to"
)
