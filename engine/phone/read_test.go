package phone_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"waybill/engine/phone"
)

var (
	inRows  = phone.Reading{}
	written = phone.Reading{Literal: true}
)

func in(country phone.Country) phone.Reading { return phone.Reading{Country: country} }

func TestRead(t *testing.T) {
	for _, test := range []struct {
		reading            phone.Reading
		text, want, region string
	}{
		{inRows, "+34612345678", "+34612345678", "ES"},
		{inRows, "+34 612-345-678", "+34612345678", "ES"},
		{inRows, "'+34612345678", "+34612345678", "ES"},
		{inRows, "’+34 612 345 678", "+34612345678", "ES"},
		{inRows, "''+34612345678'", "+34612345678", "ES"},
		{inRows, "“+34612345678”", "+34612345678", "ES"},
		{inRows, "` ´+34612345678", "+34612345678", "ES"},
		{in("ES"), "ʼ612345678", "+34612345678", "ES"},
		{inRows, "'US.13491208655302741918'", "US.13491208655302741918", "US"},
		{inRows, " (+34) 612.345.678\t", "+34612345678", "ES"},
		{inRows, "0034 612 345 678", "+34612345678", "ES"},
		{inRows, "00 34 (612) 345-678", "+34612345678", "ES"},
		{inRows, "+34\u00a0612\u202f345\u2011678", "+34612345678", "ES"},
		{inRows, "\u202a+34612345678\u202c", "+34612345678", "ES"},
		{inRows, "\ufeff+34612345678", "+34612345678", "ES"},
		{inRows, "US.13491208655302741918", "US.13491208655302741918", "US"},
		{inRows, " US.ENT.11815799212886844830 ", "US.ENT.11815799212886844830", "US"},
		{inRows, "ES.a", "ES.a", "ES"},

		// What is dialled inside the country only is taken out.
		{inRows, "+54 11 15 2345-6789", "+5491123456789", "AR"},
		{inRows, "+54 9 11 2345-6789", "+5491123456789", "AR"},
		{inRows, "+54 11 4345-6789", "+541143456789", "AR"},
		{inRows, "+44 0 7400 123456", "+447400123456", "GB"},
		{inRows, "+44 7911 123456", "+447911123456", "GG"},
		{inRows, "+7 8 912 345 67 89", "+79123456789", "RU"},
		{inRows, "+7 701 234 5678", "+77012345678", "KZ"},
		{inRows, "+39 06 1234 5678", "+390612345678", "IT"},
		{inRows, "+39 347 123 4567", "+393471234567", "IT"},
		{inRows, "+225 07 12 34 56 78", "+2250712345678", "CI"},
		{inRows, "+1 416 555 0123", "+14165550123", "CA"},
		{inRows, "+800 1234 5678", "+80012345678", ""},

		{written, "34612345678", "+34612345678", "ES"},
		{written, "34 612-345-678", "+34612345678", "ES"},
		{written, "34.612345678", "+34612345678", "ES"},
		{written, "1 (212) 555-0100", "+12125550100", "US"},
		{written, "51 99999-8888", "+51999998888", "PE"}, // that is why rows need a country

		{in("BR"), "51 99999-8888", "+5551999998888", "BR"},
		{in("BR"), "55 99999-8888", "+5555999998888", "BR"}, // 55 is an area too
		{in("BR"), "0 15 11 98765-4321", "+5511987654321", "BR"},
		{in("BR"), "(11) 98765-4321", "+5511987654321", "BR"},
		{in("BR"), "0055 11 98765-4321", "+5511987654321", "BR"},
		{in("ES"), "612 345 678", "+34612345678", "ES"},
		{in("ES"), "34 600 000 001", "+34600000001", "ES"},
		{in("ES"), "+44 7400 123456", "+447400123456", "GB"},
		{in("ES"), "0044 7400 123456", "+447400123456", "GB"},
		{in("ES"), "US.13491208655302741918", "US.13491208655302741918", "US"},
		{in("AR"), "011 15-2345-6789", "+5491123456789", "AR"},
		{in("AR"), "11 15 2345 6789", "+5491123456789", "AR"},
		{in("AR"), "9 11 2345 6789", "+5491123456789", "AR"},
		{in("AR"), "0351 15 234 5678", "+5493512345678", "AR"},
		{in("MX"), "55 1234 5678", "+525512345678", "MX"},
		{in("CI"), "07 12 34 56 78", "+2250712345678", "CI"},
		{in("IT"), "06 1234 5678", "+390612345678", "IT"},
		{in("IT"), "347 123 4567", "+393471234567", "IT"},
		{in("GB"), "07400 123456", "+447400123456", "GB"},
		{in("FR"), "06 12 34 56 78", "+33612345678", "FR"},
		{in("DE"), "0151 23456789", "+4915123456789", "DE"},
		{in("NL"), "06 12345678", "+31612345678", "NL"},
		{in("PT"), "912 345 678", "+351912345678", "PT"},
		{in("PL"), "512 345 678", "+48512345678", "PL"},
		{in("CH"), "078 123 45 67", "+41781234567", "CH"},
		{in("SE"), "070-123 45 67", "+46701234567", "SE"},
		{in("TR"), "0501 234 56 78", "+905012345678", "TR"},
		{in("RU"), "8 (912) 345-67-89", "+79123456789", "RU"},
		{in("IN"), "081234 56789", "+918123456789", "IN"},
		{in("ID"), "0812-345-678", "+62812345678", "ID"},
		{in("ZA"), "071 123 4567", "+27711234567", "ZA"},
		{in("NG"), "0802 123 4567", "+2348021234567", "NG"},
		{in("KE"), "0712 123456", "+254712123456", "KE"},
		{in("EG"), "0100 123 4567", "+201001234567", "EG"},
		{in("MA"), "0650-123456", "+212650123456", "MA"},
		{in("SN"), "70 123 45 67", "+221701234567", "SN"},
		{in("CL"), "(2) 2123 4567", "+56221234567", "CL"},
		{in("CO"), "321 1234567", "+573211234567", "CO"},
		{in("PE"), "912 345 678", "+51912345678", "PE"},
		{in("JP"), "090-1234-5678", "+819012345678", "JP"},
		{in("US"), "(201) 555-0123", "+12015550123", "US"},
		{in("US"), "1-201-555-0123", "+12015550123", "US"},
		{in("US"), "416 555 0123", "+14165550123", "CA"}, // dialled alike
		{in("SA"), "051 234 5678", "+966512345678", "SA"},
		{in("AE"), "050 123 4567", "+971501234567", "AE"},

		// The country's own international prefix goes before 00.
		{in("US"), "011 34 612 345 678", "+34612345678", "ES"},
		{in("US"), "00 34 612 345 678", "+34612345678", "ES"},
		{in("AU"), "0011 34 612 345 678", "+34612345678", "ES"},
		{in("JP"), "010 34 612 345 678", "+34612345678", "ES"},
		{in("KR"), "001 65 9123 4567", "+6591234567", "SG"},
		{in("CO"), "005 34 612 345 678", "+34612345678", "ES"},

		{in(phone.International), "34 612 345 678", "+34612345678", "ES"},
		{in(phone.International), "0034 612 345 678", "+34612345678", "ES"},
		{in(phone.International), "51 99999-8888", "+51999998888", "PE"},
	} {
		got, err := test.reading.Read(test.text)
		if err != nil || got.Text != test.want || got.Region != test.region || got.Warning != "" {
			t.Errorf("%+v %q: got %+v, %v, want %q of %q", test.reading, test.text, got, err, test.want, test.region)
			continue
		}
		if noPlus := test.reading == written; got.Assumed != noPlus {
			t.Errorf("%q: the country is assumed: %v", test.text, got.Assumed)
		}
		if again, err := inRows.Read(got.Text); err != nil || again.Text != got.Text || phone.Region(got.Text) != got.Region {
			t.Errorf("%q is read as %+v, %v, of %q", got.Text, again, err, phone.Region(got.Text))
		}
	}
}

// With + a number that libphonenumber finds invalid is read all the same.
func TestReadWarns(t *testing.T) {
	for text, want := range map[string][3]string{
		"+52 1 55 1234 5678": {"+5215512345678", "MX", "of MX; did you mean +525512345678?"},
		"+55 11 8765-4321":   {"+551187654321", "BR", "did you mean +5511987654321?"},
		"+225 07123456":      {"+22507123456", "CI", "did you mean +2250707123456?"},
		"00225 45123456":     {"+22545123456", "CI", "did you mean +2250545123456?"},
		"+1 555 131026":      {"+1555131026", "US", "no valid number of US"},
		"+999 1234567":       {"+9991234567", "", "no country has a code"},
		"+1234567":           {"+1234567", "US", "no valid number of US"},
		"+123456789012345":   {"+123456789012345", "US", "no valid number of US"},
		"+44 20 7946":        {"+44207946", "GB", "no valid number of GB"},
	} {
		got, err := inRows.Read(text)
		if err != nil || got.Text != want[0] || got.Region != want[1] || !strings.Contains(got.Warning, want[2]) {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for _, test := range []struct {
		reading            phone.Reading
		text, problem, fix string
	}{
		{inRows, "612 345 678", "has no country code: write +34…, or say recipients.country", ""},
		{inRows, "51 99999-8888", "has no country code", ""},
		{inRows, "34612345678", "has no country code", ""},
		{inRows, "0612345678", "has no country code", ""},
		{inRows, "612 345", "has 6 digits", ""},
		{written, "612 345 678", "has no country code", ""},
		{written, "1234567", "has no country code", ""},
		{in(phone.International), "612 345 678", "country code it is no valid number", ""},
		{in("ES"), "412 345 678", "no valid number of ES", ""},
		{in("ES"), "1234", "no valid number of ES", ""},
		{in("CO"), "0057 301 234 5678", "+73012345678 by an international prefix of CO, and +573012345678 by 00", ""},
		{in("MX"), "1 55 1234 5678", "no valid number of MX", "+525512345678"},
		{in("MX"), "044 55 1234 5678", "no valid number of MX", "+525512345678"},
		{in("BR"), "(11) 8765-4321", "no valid number of BR", "+5511987654321"},
		{in("BR"), "8765-4321", "no valid number of BR", ""},
		{in("CI"), "07 12 34 56", "no valid number of CI", "+2250707123456"},
		{in("CI"), "20 12 34 56", "no valid number of CI", ""},
		{in("AR"), "15 2345-6789", "no valid number of AR", ""},
		{in("AR"), "15 11 2345-6789", "no valid number of AR", "+5491123456789"},

		{inRows, "", "empty", ""},
		{inRows, "  ", "empty", ""},
		{inRows, "+", "no digits", ""},
		{inRows, "()", "no digits", ""},
		{inRows, "00", "no digits", ""},
		{inRows, "4.479E+11", "exponent", ""},
		{inRows, "4.479e11", "exponent", ""},
		{inRows, "3.4612345678E+10", "exponent", "+34612345678"},
		{inRows, "3,4612345678E10", "exponent", "+34612345678"},
		{in("ES"), "6.12345678E+8", "exponent", "+34612345678"},
		{inRows, "34612345678.0", "decimal", "+34612345678"},
		{inRows, "34612345678,00", "decimal", "+34612345678"},
		{in("ES"), "612345678.0", "decimal", "+34612345678"},
		{inRows, "612345678.0", "decimal", ""},
		{inRows, "34,612,345,678", "thousands", "+34612345678"},
		{inRows, "34_612_345_678", "thousands", "+34612345678"},
		{inRows, "+44 (0)20 7946 0958", "(0)", "+442079460958"},
		{inRows, "0044 (0)20 7946 0958", "(0)", "+442079460958"},
		{in("GB"), "(0)20 7946 0958", "(0)", "+442079460958"},
		{inRows, "+39 (0)6 1234 5678", "(0)", "+390612345678"},
		{inRows, "+39 (0)347 123 4567", "(0)", "+393471234567"},
		{inRows, "tel:+34612345678", "prefix", "+34612345678"},
		{inRows, "whatsapp:+34612345678", "prefix", "+34612345678"},
		{in("ES"), "tel:612345678", "prefix", "+34612345678"},
		{inRows, "2026-03-25", "date", ""},
		{inRows, "25.03.2026", "date", ""},
		{in("ES"), "31-12-1999", "date", ""},
		{inRows, "+612 345", "has 6 digits", ""},
		{inRows, "+1234567890123456", "has 16 digits", ""},
		{inRows, "+0612345678", "country code", ""},
		{inRows, "+0034612345678", "country code", ""},
		{inRows, "000034612345678", "country code", ""},
		{inRows, "+34612345678x12", "extension 12", "+34612345678"},
		{inRows, "+34 612 345 678 ext. 5", "extension 5", "+34612345678"},
		{in("US"), "(201) 555-0123 #42", "extension 42", "+12015550123"},
		{inRows, "six one two", "no digits", ""},
		{in("US"), "1-800-FLOWERS", "letter 'F'", ""},
		{inRows, "+34612345678+34612345679", `it holds 2 numbers; write one of them: "+34612345678" or "+34612345679"`, ""},
		{inRows, "+34 612 345 678 y +34 612-345-679", `it holds 2 numbers; write one of them: "+34612345678" or "+34612345679"`, ""},
		{in("DE"), "0151 23456789 oder 030 1234567", `write one of them: "+4915123456789" or "+49301234567"`, ""},
		{inRows, "+34 612 345 678 (mamá)", `the letter 'm'; write +34612345678`, "+34612345678"},
		{inRows, "Móvil: 0034 612 345 678", `the letter 'M'; write +34612345678`, "+34612345678"},
		{in("GB"), "07400 123456 or +44 (0)7400 123456", `the (0) is dialled inside the country only; write +447400123456`, "+447400123456"},
		{inRows, "+34 612 345 678 NO LLAMAR", "write +34612345678, unless the words beside it say", "+34612345678"},
		{in("ES"), "612345678 (baja)", "unless the words beside it say", "+34612345678"},
		{in("ES"), "612345678 612 345 678", "it stands there twice; write +34612345678", "+34612345678"},
		{in("ES"), "612345678;612345679", `are these two numbers?; take the first of them: split(…, ";")[0]`, ""},
		{in("ES"), "ídem", "it holds no digits", ""},
		{written, "+34612345678, +34612345679", "a step writes to one person", ""},
		{inRows, "+34 612 345 678 piso 2", "letter 'p'", ""},
		{inRows, "móvil 612 345 678", "letter 'm'", ""},
		{inRows, "’’", "no digits", ""},
		{inRows, "+34612345678/79", `split(…, "/")[0]`, ""},
		{inRows, "+34612345678;+34612345679", `split(…, ";")[0]`, ""},
		{inRows, "+34612345678, 612345679", `split(…, ",")[0]`, ""},
		{inRows, "+34 600 000 001 ::: +34 600 000 002", `are these two numbers?; take the first of them: split(…, " ::: ")[0]`, ""},
		{inRows, "+34600000001\n+34600000002", `are these two numbers?; take the first of them: split(…, "\n")[0]`, ""},
		{inRows, "-34612345678", "holds '-'", ""},
		{inRows, ".34612345678", "holds '.'", ""},
		{inRows, "＋３４６１２３４５６７８", "write +34612345678", "+34612345678"},
		{in("JP"), "０９０ー１２３４ー５６７８", "another script", "+819012345678"},
		{inRows, "３４６１２３４５６７８", "another script", ""},
		{in("EG"), "٠١٠٠١٢٣٤٥٦٧", "another script", "+201001234567"},
		{inRows, "0x1F4A3B2C", "letter 'x'", ""},
		{inRows, "null", "no digits", ""},
		{inRows, "4,479E+11", "its digits are lost here: make the column text", ""},
		{in("ES"), "612345678.0", "write +34612345678, or make the column text", "+34612345678"},
		{inRows, "us.13491208655302741918", "letter 'u'", ""},
		{inRows, "US.", "no digits", ""},
		{inRows, "US." + strings.Repeat("1", 129), "letter 'U'", ""},
		{inRows, strings.Repeat("1", 5000), "has 5000 characters", ""},
		{inRows, strings.Repeat("tel:", 5000), "has 20000 characters", ""},
		{inRows, "tel:+34612345678;ext=12", "prefix", ""},
		{inRows, "tel:+44 (0)20 7946 0958", "(0)", "+442079460958"},
		{inRows, "\x00\x01", "holds", ""},
		{inRows, "+34\xff612345678", "holds", ""},
	} {
		got, err := test.reading.Read(test.text)
		var refusal *phone.Error
		if !errors.As(err, &refusal) || got != (phone.Number{}) {
			t.Errorf("%+v %q: got %+v, %v", test.reading, test.text, got, err)
			continue
		}
		if !strings.Contains(err.Error(), test.problem) || refusal.Fix != test.fix || refusal.Text != test.text {
			t.Errorf("%+v %q: got %+v: %v", test.reading, test.text, refusal, err)
		}
		fix := test.fix
		if test.reading.Literal { // in a job file
			fix = `"` + fix + `", with the quotes`
		}
		if beside := strings.Contains(err.Error(), "unless the words"); beside && !strings.ContainsAny(test.text, "(L") {
			t.Errorf("%q: no words are beside it: %v", test.text, err)
		}
		if test.fix != "" && !strings.Contains(err.Error(), fix) {
			t.Errorf("%q: the fix is not in %q", test.text, err)
		}
		if len(err.Error()) > 600 {
			t.Errorf("%q: a message of %d bytes", test.text[:20], len(err.Error()))
		}
	}
}

func TestParseCountry(t *testing.T) {
	for text, want := range map[string]phone.Country{
		"ES": "ES", "es": "ES", " Es ": "ES", "": "", "  ": "", "international": phone.International, "INTERNATIONAL": phone.International,
		"NO": "NO", "XK": "XK",
	} {
		if got, err := phone.ParseCountry(text); err != nil || got != want {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	for text, hint := range map[string]string{
		"UK": "did you mean GB?", "ESP": "did you mean ES?", "34": "did you mean ES?", "+34": "did you mean ES?", "internacional": "did you mean international?", //nolint:misspell // as people write it
		"Spain": "did you mean ES?", "españa": "did you mean ES?", "ESPAÑA": "did you mean ES?", "Deutschland": "did you mean DE?", "Allemagne": "did you mean DE?",
		"Türkiye": "did you mean TR?", "日本": "did you mean JP?", "Brasil": "did you mean BR?", "United States": "did you mean US?", "México": "did you mean MX?",
		"es-ES": "did you mean ES?", "en_GB": "did you mean GB?", "Georgia": "did you mean GE?", "Narnia": "two letters", "XX": "two letters", "001": "two letters", "12345678901234567890": "two letters", "ZZ": "two letters",
	} {
		got, err := phone.ParseCountry(text)
		var wrong *phone.CountryError
		if !errors.As(err, &wrong) || got != "" || !strings.Contains(err.Error(), hint) && text != "001" {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
}

func TestZones(t *testing.T) {
	for number, want := range map[string]string{
		"+34612345678": "Europe/Madrid", "+12125550100": "America/New_York", "+551151234567": "America/Sao_Paulo", "nobody": "", "+9991234567": "",
		"ES.123456789": "Atlantic/Canary Europe/Madrid", "ZZ.1": "",
	} {
		if got := strings.Join(phone.Zones(number), " "); got != want {
			t.Errorf("%s: got %s, want %s", number, got, want)
		}
	}
	us, canada := strings.Join(phone.Zones("US.1"), " "), strings.Join(phone.Zones("CA.1"), " ")
	if !strings.Contains(us, "Pacific/Honolulu") || strings.Contains(us, "America/Toronto") || !strings.Contains(canada, "America/Toronto") {
		t.Errorf("US: %s\nCA: %s", us, canada)
	}
	for region := range phonenumbers.GetSupportedRegions() {
		if len(phone.Zones(region+".1")) == 0 {
			t.Errorf("%s has no zones", region)
		}
	}
}

// What the tables say by the short way is what libphonenumber says by its own, for numbers of all regions and all lengths.
func TestNumbersAreLibphonenumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for region := range phonenumbers.GetSupportedRegions() {
		for kind := range phonenumbers.UNKNOWN {
			example := phonenumbers.GetExampleNumberForType(region, kind)
			if example == nil {
				continue
			}
			text := phonenumbers.Format(example, phonenumbers.E164)
			for range 5 {
				agree(t, text)
				digits := []byte(text)
				digits[1+random.IntN(len(digits)-1)] = '0' + byte(random.IntN(10))
				switch random.IntN(6) {
				case 0:
					digits = digits[:len(digits)-1]
				case 1:
					digits = append(digits, '5')
				}
				agree(t, string(digits))
			}
		}
	}
}

func agree(t *testing.T, text string) {
	t.Helper()
	parsed, err := phonenumbers.Parse(text, "ZZ")
	got, refused := inRows.Read(text)
	if err != nil || refused != nil {
		return // too short, too long, or an unknown code
	}
	if want := phonenumbers.Format(parsed, phonenumbers.E164); got.Text != want {
		t.Errorf("%s: got %s, want %s", text, got.Text, want)
	}
	if want := phonenumbers.IsValidNumber(parsed); (got.Warning == "") != want {
		t.Errorf("%s: valid is %v: %s", text, want, got.Warning)
	}
	if want := phonenumbers.GetRegionCodeForNumber(parsed); got.Warning == "" && got.Region != strings.TrimPrefix(want, "001") {
		t.Errorf("%s: got %s, want %s", text, got.Region, want)
	}
}

// Whatever the text: an error, or a number that reads as itself, and a fix that does.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"+34 612-345-678", "4.479E+11", "00(34)612345678", "US.13491208655302741918", "+44 (0)20 7946 0958", "\u202a34612345678.0", "３４６", "+54 11 15 2345 6789 x5", "612 345 678"} {
		f.Add(seed, "ES")
		f.Add(seed, "")
	}
	f.Fuzz(func(t *testing.T, text, country string) {
		c, err := phone.ParseCountry(country)
		if err != nil {
			return
		}
		got, err := in(c).Read(text)
		if err != nil {
			var refusal *phone.Error
			if !errors.As(err, &refusal) || got != (phone.Number{}) {
				t.Fatalf("%q: got %+v, %v", text, got, err)
			}
			if refusal.Fix != "" {
				if fixed, err := inRows.Read(refusal.Fix); err != nil || fixed.Text != refusal.Fix || fixed.Warning != "" {
					t.Fatalf("%q: the fix %q is read as %+v, %v", text, refusal.Fix, fixed, err)
				}
			}
			return
		}
		if !phone.MayBeID(text) {
			t.Fatalf("%q is said to be no id, and is read as %+v", text, got)
		}
		again, err := inRows.Read(got.Text)
		if err != nil || got.Warning == "" && again.Text != got.Text {
			t.Fatalf("%q: %q is read as %+v, %v", text, got.Text, again, err)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var clean, national []string
	var countries []phone.Country
	for region := range phonenumbers.GetSupportedRegions() {
		if n := phonenumbers.GetExampleNumberForType(region, phonenumbers.MOBILE); n != nil {
			clean = append(clean, phonenumbers.Format(n, phonenumbers.E164))
			national = append(national, phonenumbers.Format(n, phonenumbers.NATIONAL))
			countries = append(countries, phone.Country(region))
		}
	}
	b.Run("clean, all regions", func(b *testing.B) {
		for i := range b.N {
			_, _ = inRows.Read(clean[i%len(clean)])
		}
	})
	b.Run("national, all regions", func(b *testing.B) {
		for i := range b.N {
			_, _ = in(countries[i%len(clean)]).Read(national[i%len(clean)])
		}
	})
	b.Run("mixed", func(b *testing.B) {
		texts := []string{"+34612345678", "+34 612 34 56 78", "0034 612-345-678", "612 345 678", "+5491123456789", "+12125550100", "612345678", "tel:+34612345678"}
		for i := range b.N {
			_, _ = in("ES").Read(texts[i%len(texts)])
		}
	})
}

func TestWhatWasMeantInACountry(t *testing.T) {
	r := phone.Reading{Country: "ES"}
	if n, err := r.Read("+612345690"); err != nil || n.Warning != "it is no valid number of AU; is it +34612345690 of ES?" {
		t.Errorf("%+v, %v", n, err)
	}
	if n, err := r.Read("00612345690"); err != nil || n.Warning != "it is no valid number of AU; is it +34612345690 of ES?" {
		t.Errorf("%+v, %v", n, err)
	}
	for text, want := range map[string]string{
		"+34+34612345688":       `"+34+34612345688" is not a phone number: its country code stands twice; write +34612345688`,
		"+34 +34 612 345 688":   `"+34 +34 612 345 688" is not a phone number: its country code stands twice; write +34612345688`,
		"612345678-698765432":   `"612345678-698765432" is not a phone number: it holds 2 numbers; write one of them: "+34612345678" or "+34698765432"`,
		"612 345 678 698765432": `"612 345 678 698765432" is not a phone number: it holds 2 numbers; write one of them: "+34612345678" or "+34698765432"`,
	} {
		if _, err := r.Read(text); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", text, err, want)
		}
	}
}
