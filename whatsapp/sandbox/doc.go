// Package sandbox is an emulator of WhatsApp's Cloud API.
package sandbox
