{{- /* A pod of a component: its image and resources, and the secrets that Harbor's own chart lets it read. */}}
{{- define "labels" }}
app: harbor
release: {{ .root.Release.Name }}
component: {{ .name }}
{{- end }}

{{- define "container" }}
- name: {{ .name }}
  image: {{ .root.Values.image | default (printf "%s:%s" .of.image.repository .of.image.tag) }}
  imagePullPolicy: IfNotPresent
  resources: {{- toYaml .of.resources | nindent 4 }}
  securityContext:
    runAsNonRoot: true
    allowPrivilegeEscalation: false
    capabilities: {drop: [ALL]}
    seccompProfile: {type: RuntimeDefault}
  {{- with concat (.env | default list) (.of.extraEnvVars | default list) }}
  env: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .mounts }}
  volumeMounts: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "pod" }}
metadata:
  labels:
    {{- include "labels" . | nindent 4 }}
    {{- range $key, $value := .about.podLabels }}
    {{ $key }}: {{ $value | quote }}
    {{- end }}
  annotations:
    {{- range $key, $value := .about.podAnnotations }}
    {{ $key }}: {{ $value | quote }}
    {{- end }}
spec:
  securityContext: {runAsUser: {{ .user }}, fsGroup: {{ .user }}}
  serviceAccountName: {{ .placed.serviceAccountName }}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 1
  {{- with .root.Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .placed.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    {{- range .containers }}
    {{- include "container" . | nindent 4 }}
    {{- end }}
  {{- with .volumes }}
  volumes: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "key" }}
name: {{ .name }}
valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}}
{{- end }}
