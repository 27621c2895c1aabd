package arrowconv_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/cdata"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/report"
)

// BenchmarkDecode decodes pages of 100 customers and exports them; the name says how
// many columns are wanted of how many that the page holds.
func BenchmarkDecode(b *testing.B) {
	full, narrow := fullPage(100), narrowPage(100)
	four := fieldsOf(b, "id", "email", "is_active", "created_at")
	for _, c := range []struct {
		name    string
		body    []byte
		columns []report.Field
	}{
		{"41-of-41", full, report.Customers.Columns},
		{"4-of-4", narrow, four},
		{"4-of-41", full, four},
		{"0-of-41", full, nil},
	} {
		b.Run(c.name, func(b *testing.B) {
			d, err := arrowconv.NewDecoder(report.Customers, c.columns, arrowconv.Options{})
			require.NoError(b, err)
			b.SetBytes(int64(len(c.body)))
			b.ReportAllocs()
			for b.Loop() {
				page, err := d.Decode(c.body)
				if err != nil {
					b.Fatal(err)
				}
				export(page)
				page.Release()
			}
		})
	}
}

// BenchmarkSlice drops a page's first row, as paging does at every seam, and exports
// the rest.
func BenchmarkSlice(b *testing.B) {
	d, err := arrowconv.NewDecoder(report.Customers, report.Customers.Columns, arrowconv.Options{})
	require.NoError(b, err)
	page, err := d.Decode(fullPage(100))
	require.NoError(b, err)
	defer page.Release()
	b.ReportAllocs()
	for b.Loop() {
		rest := page.Slice(1, 100)
		export(rest)
		rest.Release()
	}
}

func export(page *arrowconv.Page) {
	var array cdata.CArrowArray
	page.Export(unsafe.Pointer(&array))
	cdata.ReleaseCArrowArray(&array)
}

// BenchmarkBaseline reads the same full page in the usual ways, and stops before
// anything is made into columns. Tokens is jsontext's reader, with its checks.
func BenchmarkBaseline(b *testing.B) {
	body := fullPage(100)
	for _, c := range []struct {
		name string
		read func() error
	}{
		{"maps", func() error { return json.Unmarshal(body, new(map[string]any)) }},
		{"structs", func() error { return json.Unmarshal(body, new(answer)) }},
		{"tokens", func() error { return tokens(body) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := c.read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func tokens(body []byte) error {
	for d := jsontext.NewDecoder(bytes.NewBuffer(body)); ; {
		if _, err := d.ReadToken(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

type answer struct {
	Total *int64     `json:"total"`
	Rows  []customer `json:"rows"`
}

// customer has a field for each column, with the values left as they are written.
type customer struct {
	ID          int64   `json:"id"`
	FullName    *string `json:"full_name"`
	FirstName   *string `json:"first_name"`
	LastName    *string `json:"last_name"`
	Email       *string `json:"email"`
	CreatedAt   *string `json:"created_at"`
	DeletedAt   *string `json:"deleted_at"`
	IsActive    *bool   `json:"is_active"`
	DateOfBirth *string `json:"date_of_birth"`
	Age         *int32  `json:"age"`
	PhoneNumber *string `json:"phone_number"`
	Address     *struct {
		FirstLine  *string `json:"first_line"`
		SecondLine *string `json:"second_line"`
		City       *string `json:"city"`
		Region     *string `json:"region"`
		Country    *string `json:"country"`
		PostalCode *string `json:"postal_code"`
	} `json:"address"`
	DaysUntilBirthday   *int32  `json:"days_until_birthday"`
	Gender              *string `json:"gender"`
	IsClaimed           *bool   `json:"is_claimed"`
	IsNew               *bool   `json:"is_new"`
	IsSlippingAway      *bool   `json:"is_slipping_away"`
	RegistrationBlocked *bool   `json:"registration_blocked"`
	HasFailedPayments   *bool   `json:"has_failed_payments"`
	HasRetryPayments    *bool   `json:"has_retry_payments"`
	Family              *struct {
		reference
		Role     *string     `json:"role"`
		Managers []reference `json:"managers"`
	} `json:"family"`
	Venue                      *reference   `json:"venue"`
	Instructor                 *reference   `json:"instructor"`
	ReferralCode               *string      `json:"referral_code"`
	ThumbnailURL               *string      `json:"thumbnail_url"`
	Active                     []membership `json:"active_customer_memberships"`
	Inactive                   []membership `json:"inactive_customer_memberships"`
	OnHold                     []membership `json:"on_hold_customer_memberships"`
	ReferringMember            *reference   `json:"referring_member"`
	AccountCreditBalance       *amount      `json:"account_credit_balance"`
	LastPaymentAt              *string      `json:"last_payment_at"`
	LastPaymentAmount          *amount      `json:"last_payment_amount"`
	RegisteredAndAttendedCount *int32       `json:"registered_and_attended_count"`
	RegistrationsCount         *int32       `json:"registrations_count"`
	AttendancesCount           *int32       `json:"attendances_count"`
	LateCancelsCount           *int32       `json:"late_cancels_count"`
	NoShowsCount               *int32       `json:"no_shows_count"`
	LatestRegistration         *struct {
		reference
		StartsAt *string `json:"starts_at"`
		Type     *string `json:"type"`
	} `json:"latest_registration"`
	EmergencyContact *struct {
		Name         *string `json:"name"`
		Relationship *string `json:"relationship"`
		Phone        *string `json:"phone"`
	} `json:"emergency_contact"`
	LeadSource *struct {
		Name *string `json:"name"`
	} `json:"lead_source"`
	IsLead *bool `json:"is_lead"`
}

type reference struct {
	ID   *int64  `json:"id"`
	Name *string `json:"name"`
}

type membership struct {
	ID         *int64     `json:"id"`
	Membership *reference `json:"membership"`
}

type amount struct {
	Decimal  json.Number `json:"decimal"`
	String   *string     `json:"string"`
	Currency *string     `json:"iso_currency_code"`
	Symbol   *string     `json:"currency_symbol"`
	Position *string     `json:"currency_symbol_position"`
}
