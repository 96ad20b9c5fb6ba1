package steps

import (
	"waybill/engine"
	"waybill/whatsapp"
)

// DefaultConnection returns what a connection has where the job file says nothing: the address and time-outs of the client, and the
// throughput that WhatsApp gives a number at first.
func DefaultConnection() engine.Connection {
	return engine.Connection{
		BaseURL: whatsapp.DefaultBaseURL, ConnectTimeout: whatsapp.DefaultConnectTimeout, ReadTimeout: whatsapp.DefaultReadTimeout,
		Throughput: whatsapp.DefaultThroughput,
	}
}

// DefaultVariables returns the environment variable that stands for each connection key which is given nowhere.
func DefaultVariables() map[string]string {
	return map[string]string{"token": "WHATSAPP_TOKEN", "phoneNumberId": "WHATSAPP_PHONE_NUMBER_ID", "wabaId": "WHATSAPP_WABA_ID"}
}
