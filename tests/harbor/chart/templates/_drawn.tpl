{{- /* Fails where Harbor's own chart would draw a value, or take one that everybody knows. */}}
{{- define "drawn" -}}
{{- $v := .Values }}
{{- $named := dict
  "existingSecretAdminPassword" $v.existingSecretAdminPassword
  "existingSecretSecretKey" $v.existingSecretSecretKey
  "core.existingSecret" $v.core.existingSecret
  "core.existingXsrfSecret" $v.core.existingXsrfSecret
  "core.secretName" $v.core.secretName
  "jobservice.existingSecret" $v.jobservice.existingSecret
  "registry.existingSecret" $v.registry.existingSecret
  "registry.credentials.existingSecret" $v.registry.credentials.existingSecret
  "database.external.existingSecret" $v.database.external.existingSecret
}}
{{- range $way, $value := $named }}
{{- if not $value }}{{ fail (printf "%s is missing: what it names would be drawn at random, or known" $way) }}{{ end }}
{{- end }}
{{- if or (ne $v.expose.tls.certSource "secret") (not $v.expose.tls.secret.secretName) }}{{ fail "a certificate would be drawn" }}{{ end }}
{{- if $v.internalTLS.enabled }}{{ fail "certificates between the pods would be drawn" }}{{ end }}
{{- if and (eq $v.database.type "internal") (or $v.database.internal.password (not $v.database.internal.extraEnvVars)) }}
{{- fail "the password of the database would stand in values, or be known" }}
{{- end }}
{{- end }}
