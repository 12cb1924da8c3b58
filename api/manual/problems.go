package manual

import (
	"net/http"
	"slices"
	"strings"

	"relais/reason"
)

// Where a problem occurs. A place is the name of a phrase, and what finds its routes.
type place string

const (
	everywhere  place = "everywhere"
	withBody    place = "body"    // routes that take JSON
	withQuery   place = "query"   // routes with parameters
	withKey     place = "retry"   // routes that take an Idempotency-Key
	sending     place = "sending" // submission, batch, preview
	ofMessage   place = "message"
	ofReply     place = "reply"
	ofWebhook   place = "webhook"
	ofOptOut    place = "optout"
	ofPerson    place = "person"
	ofFeed      place = "feed"
	ofOperator  place = "operator"
	ofAlert     place = "alerts"
	ofConnector place = "connector"
	ofTemplate  place = "template"
	ofCampaign  place = "campaign"
	ofList      place = "list"
	ofContact   place = "contact"
)

// occurrence is with which status a code comes, and where.
type occurrence struct {
	status int
	places []place
}

// occurrences has a line for each code with a title in the catalogue under title/problem.
var occurrences = map[string]occurrence{
	"appointment_no_retry":          {409, []place{ofCampaign}},
	"appointment_own_times":         {422, []place{ofCampaign}},
	"appointment_rule":              {422, []place{ofCampaign}},
	"appointment_zone":              {422, []place{ofCampaign}},
	"at_invalid":                    {422, []place{sending}},
	"at_out_of_range":               {422, []place{sending}},
	"backlog_full":                  {429, []place{sending}},
	"batch_empty":                   {422, []place{sending}},
	"batch_refused":                 {422, []place{sending}},
	"batch_too_large":               {422, []place{sending}},
	"body_cut":                      {400, []place{withBody, ofOperator}},
	"body_empty":                    {400, []place{withBody}},
	"body_encoded":                  {415, []place{withBody}},
	"body_not_an_object":            {400, []place{withBody}},
	"body_not_json":                 {400, []place{withBody}},
	"body_not_utf8":                 {400, []place{withBody, ofOptOut}},
	"body_timeout":                  {408, []place{withBody}},
	"body_too_large":                {413, []place{withBody}},
	"body_unexpected":               {400, []place{everywhere}},
	"callback_unknown":              {404, []place{ofOperator}},
	"campaign_class":                {422, []place{ofCampaign}},
	"campaign_end":                  {422, []place{ofCampaign}},
	"campaign_end_past":             {422, []place{ofCampaign}},
	"campaign_file_forgotten":       {422, []place{ofCampaign}},
	"campaign_forbidden_character":  {422, []place{ofCampaign}},
	"campaign_guard":                {422, []place{ofCampaign}},
	"campaign_hours":                {422, []place{ofCampaign}},
	"campaign_name_missing":         {422, []place{ofCampaign}},
	"campaign_not_checked":          {409, []place{ofCampaign}},
	"campaign_nothing_to_retry":     {409, []place{ofCampaign}},
	"campaign_option":               {422, []place{ofCampaign}},
	"campaign_outcome_unknown":      {422, []place{ofCampaign}},
	"campaign_outdated":             {412, []place{ofCampaign}},
	"campaign_purpose_missing":      {422, []place{ofCampaign}},
	"campaign_row_forgotten":        {409, []place{ofCampaign}},
	"campaign_row_skipped":          {422, []place{ofCampaign}},
	"campaign_row_unknown":          {404, []place{ofCampaign}},
	"campaign_start_past":           {422, []place{ofCampaign}},
	"campaign_start_too_far":        {422, []place{ofCampaign}},
	"campaign_status":               {409, []place{ofCampaign}},
	"campaign_tests_used_up":        {409, []place{ofCampaign}},
	"campaign_too_long":             {422, []place{ofCampaign}},
	"campaign_unknown":              {404, []place{ofCampaign}},
	"campaign_without_file":         {422, []place{ofCampaign}},
	"sent_before":                   {409, []place{ofCampaign}},
	"campaign_without_rows":         {409, []place{ofCampaign}},
	"campaign_without_text":         {422, []place{ofCampaign}},
	"check_outdated":                {409, []place{ofCampaign}},
	"class_unknown":                 {422, []place{sending}},
	"connector_not_of_key":          {422, []place{sending}},
	"connector_unknown":             {422, []place{sending, ofConnector}},
	"contact_import_outdated":       {412, []place{ofContact}},
	"consent_in_the_future":         {422, []place{ofContact}},
	"consent_too_early":             {422, []place{ofContact}},
	"consent_purpose_missing":       {422, []place{ofContact}},
	"consent_source_missing":        {422, []place{ofContact}},
	"consent_unknown":               {422, []place{ofContact}},
	"contact_exists":                {422, []place{ofContact}},
	"contact_field_invalid":         {422, []place{ofContact}},
	"contact_forbidden_character":   {422, []place{ofContact}},
	"contact_number_invalid":        {422, []place{ofContact}},
	"contact_outdated":              {412, []place{ofContact}},
	"contact_too_long":              {422, []place{ofContact}},
	"contact_too_many":              {422, []place{ofContact, ofCampaign}},
	"contact_unknown":               {404, []place{ofContact}},
	"csv_invalid":                   {422, []place{ofOptOut}},
	"data_empty":                    {422, []place{sending}},
	"data_too_long":                 {422, []place{sending}},
	"data_without_binary":           {422, []place{sending}},
	"decision_unknown":              {422, []place{ofReply}},
	"delivery_state_unknown":        {422, []place{ofWebhook}},
	"delivery_unknown":              {404, []place{ofWebhook}},
	"duplicate_field":               {422, []place{withBody}},
	"event_unknown":                 {422, []place{ofWebhook, ofFeed}},
	"exports_many":                  {429, []place{ofOptOut, ofPerson}},
	"field_syntax":                  {422, []place{ofTemplate}},
	"field_unknown":                 {422, []place{sending, ofTemplate}},
	"field_without_column":          {422, []place{ofList}},
	"field_without_value":           {422, []place{sending}},
	"file_too_large":                {413, []place{ofCampaign, ofList}},
	"file_unreadable":               {422, []place{ofCampaign}},
	"given_at_invalid":              {422, []place{ofContact}},
	"group_empty":                   {422, []place{ofCampaign}},
	"group_full":                    {422, []place{ofContact}},
	"group_missing":                 {422, []place{ofContact, ofCampaign}},
	"group_name_missing":            {422, []place{ofContact}},
	"group_name_taken":              {422, []place{ofContact}},
	"group_outdated":                {412, []place{ofContact}},
	"group_unknown":                 {404, []place{ofContact}},
	"groups_too_many":               {422, []place{ofContact}},
	"header_row_invalid":            {400, []place{ofList}},
	"hidden_invalid":                {400, []place{ofList}},
	"idempotency_key_invalid":       {422, []place{withKey}},
	"idempotency_key_reused":        {409, []place{withKey}},
	"if_match_missing":              {428, []place{ofTemplate}},
	"internal_error":                {500, []place{everywhere}},
	"invalid_parameter":             {422, []place{withQuery}},
	"key_address":                   {403, []place{everywhere}},
	"key_expired":                   {401, []place{everywhere}},
	"key_missing":                   {401, []place{everywhere}},
	"key_revoked":                   {401, []place{everywhere}},
	"key_right":                     {403, []place{everywhere}},
	"key_unknown":                   {401, []place{everywhere}},
	"kind_unknown":                  {422, []place{sending}},
	"kind_unsupported":              {422, []place{sending}},
	"list_column_twice":             {422, []place{ofList}},
	"list_empty":                    {422, []place{ofList, ofCampaign}},
	"list_entry_unknown":            {404, []place{ofList}},
	"list_forbidden_character":      {422, []place{ofList}},
	"list_keep_days_invalid":        {422, []place{ofList}},
	"list_missing":                  {422, []place{ofCampaign}},
	"list_name_missing":             {422, []place{ofList}},
	"list_name_taken":               {422, []place{ofList}},
	"list_nothing_waits":            {422, []place{ofList}},
	"list_outdated":                 {412, []place{ofList}},
	"list_too_long":                 {422, []place{ofList}},
	"list_too_many_entries":         {422, []place{ofList}},
	"list_too_many_fields":          {422, []place{ofList}},
	"list_unknown":                  {404, []place{ofList}},
	"lists_too_many":                {422, []place{ofList}},
	"lone_surrogate":                {422, []place{withBody}},
	"message_unknown":               {404, []place{ofMessage}},
	"metadata_forbidden_character":  {422, []place{sending}},
	"metadata_too_large":            {422, []place{sending}},
	"method_wrong":                  {405, []place{everywhere}},
	"no_connector":                  {422, []place{sending}},
	"no_recipient":                  {422, []place{sending}},
	"no_rows":                       {422, []place{ofCampaign}},
	"no_sessions":                   {409, []place{ofConnector}},
	"not_cancelable":                {409, []place{ofMessage}},
	"not_hexadecimal":               {422, []place{sending}},
	"not_uncertain":                 {409, []place{ofMessage}},
	"overlap_invalid":               {422, []place{ofWebhook}},
	"own_approval":                  {409, []place{ofCampaign}},
	"pause_until":                   {422, []place{ofConnector}},
	"pause_why":                     {422, []place{ofConnector}},
	"person_waiting":                {409, []place{ofPerson}},
	"push_too_large":                {413, []place{ofOperator}},
	"push_unreadable":               {400, []place{ofOperator}},
	"quota_exceeded":                {429, []place{sending}},
	"quota_too_small":               {422, []place{sending}},
	"reason_too_long":               {422, []place{ofReply, ofOptOut}},
	"recipients_ambiguous":          {422, []place{ofCampaign}},
	"recipients_empty":              {422, []place{sending}},
	"recipients_too_many":           {422, []place{sending}},
	"reference_forbidden_character": {422, []place{sending}},
	"reference_too_long":            {422, []place{sending}},
	"refusal_without_sentence":      {422, []place{ofCampaign}},
	"reply_decided":                 {409, []place{ofReply}},
	"reply_not_unsure":              {409, []place{ofReply}},
	"reply_unknown":                 {404, []place{ofReply}},
	"resolution_unknown":            {422, []place{ofMessage}},
	"route_unknown":                 {404, []place{everywhere}},
	"search_slow":                   {422, []place{ofMessage, ofReply}},
	"send_at_invalid":               {422, []place{sending}},
	"send_at_past":                  {422, []place{sending}},
	"send_at_too_far":               {422, []place{sending}},
	"sender_forbidden":              {422, []place{sending}},
	"sender_generic":                {422, []place{sending}},
	"sender_invalid_character":      {422, []place{sending}},
	"sender_kind_unsupported":       {422, []place{sending}},
	"sender_not_a_number":           {422, []place{sending}},
	"sender_not_allowed":            {422, []place{sending}},
	"sender_not_declared":           {422, []place{sending}},
	"sender_not_listed":             {422, []place{sending}},
	"sender_not_of_key":             {422, []place{sending}},
	"sender_not_valid":              {422, []place{sending}},
	"sender_too_long":               {422, []place{sending}},
	"sender_too_short":              {422, []place{sending}},
	"since_invalid":                 {422, []place{ofWebhook}},
	"start_at_invalid":              {422, []place{ofCampaign}},
	"storage_full":                  {503, []place{everywhere}},
	"storage_unavailable":           {503, []place{everywhere}},
	"template_answer_fields":        {422, []place{ofTemplate}},
	"template_archived":             {422, []place{sending, ofTemplate}},
	"template_circle_unknown":       {422, []place{ofTemplate}},
	"template_fails":                {503, []place{ofAlert}},
	"template_forbidden_character":  {422, []place{ofTemplate}},
	"template_missing":              {422, []place{sending}},
	"template_name_missing":         {422, []place{ofTemplate}},
	"template_name_taken":           {422, []place{ofTemplate}},
	"template_outdated":             {412, []place{ofTemplate}},
	"template_sender_unfit":         {422, []place{ofTemplate}},
	"template_text_missing":         {422, []place{ofTemplate}},
	"template_too_long":             {422, []place{ofTemplate}},
	"template_unknown":              {404, []place{ofTemplate}},
	"templates_too_many":            {422, []place{ofTemplate}},
	"text_and_data":                 {422, []place{sending}},
	"text_and_template":             {422, []place{sending}},
	"text_empty":                    {422, []place{sending}},
	"text_forbidden_character":      {422, []place{sending}},
	"text_not_utf8":                 {422, []place{sending}},
	"text_too_long":                 {422, []place{sending}},
	"udh_broken":                    {422, []place{sending}},
	"unauthorized":                  {401, []place{ofAlert}},
	"unknown_field":                 {422, []place{withBody}},
	"upload_broken":                 {422, []place{ofCampaign}},
	"valid_for_invalid":             {422, []place{sending}},
	"valid_for_out_of_range":        {422, []place{sending}},
	"webhook_exists":                {422, []place{ofWebhook}},
	"webhook_named":                 {409, []place{ofWebhook}},
	"webhook_of_request":            {409, []place{ofWebhook}},
	"webhook_shaped":                {409, []place{ofWebhook}},
	"webhook_unknown":               {404, []place{ofWebhook}},
	"webhook_unreadable":            {400, []place{ofAlert}},
	"webhook_url_invalid":           {422, []place{ofWebhook, sending}},
	"webhooks_too_many":             {422, []place{ofWebhook}},
	"wrong_type":                    {422, []place{withBody}},
}

// The kinds of what the catalogue says of codes.
const (
	problemTitle = "problem"
	cureTitle    = "cure"
)

// lists are the kinds of code that no problem document has, in the order of their page.
var lists = []string{"recipient", "warning", "decision", "event", "row"}

// titleOf says what a code of a kind means, or how it is cured.
func titleOf(kind, code string, l reason.Language) string {
	return reason.Of(reason.Code(reason.Title+"/"+kind+"/"+code), nil).In(l)
}

// titled are the codes of a kind.
func titled(kind string) (codes []string) {
	for _, c := range reason.Codes() {
		if code, ok := strings.CutPrefix(string(c), reason.Title+"/"+kind+"/"); ok {
			codes = append(codes, code)
		}
	}
	return codes
}

// at are the routes of a place; none where it is no route of the API, or every one.
func (b *book) at(p place) (found []*operation) {
	for _, c := range b.chapters {
		for _, op := range c.Operations {
			if p.has(op) {
				found = append(found, op)
			}
		}
	}
	return found
}

// few is how many routes are named where a problem occurs; more are told in a phrase.
const few = 4

func (p place) has(op *operation) bool {
	switch p {
	case withBody:
		return op.Body != nil && op.Body.Object != nil
	case withKey:
		return slices.ContainsFunc(op.Parameters, func(f field) bool { return f.Name == "Idempotency-Key" })
	case withQuery:
		return slices.ContainsFunc(op.Parameters, func(f field) bool { return f.In == "query" })
	case sending:
		return op.ID == "submit" || op.ID == "submit-batch" || op.ID == "preview"
	case ofMessage:
		return strings.HasPrefix(op.Path, "/v1/messages/{id}")
	case ofReply:
		return strings.HasPrefix(op.Path, "/v1/inbound/{id}")
	case ofWebhook:
		return strings.HasPrefix(op.Path, "/v1/webhook")
	case ofOptOut:
		return strings.HasPrefix(op.Path, "/v1/opt-outs") && op.Method != http.MethodGet
	case ofPerson:
		return op.ID == "erase-person"
	case ofFeed:
		return op.ID == "events"
	case ofTemplate:
		return strings.HasPrefix(op.Path, "/v1/templates")
	case ofCampaign:
		return strings.HasPrefix(op.Path, "/v1/campaigns")
	case ofList:
		return strings.HasPrefix(op.Path, "/v1/lists")
	case ofConnector:
		return strings.HasPrefix(op.Path, "/v1/connectors/{name}")
	default:
		return false
	}
}

// StatusOf is the status with which a code comes; 0: the manual does not know the code.
func StatusOf(code string) int { return occurrences[code].status }
