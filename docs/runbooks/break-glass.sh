# Break the glass on AWS: both hops, with two inputs.
#
#   source docs/runbooks/break-glass.sh
#   break_glass INC-12345 'checkout answers with errors since the last deploy'
#
# It asks for the six digits of your token and leaves the credentials in this shell, for one hour.
# The rest has a default; set it before, for another scope or account.

: "${BREAK_GLASS_REGION:=eu-west-1}"             # a region with rules
: "${BREAK_GLASS_ENTRY_ACCOUNT:=444444444444}"   # where your IAM user is
: "${BREAK_GLASS_ENTRY:=hardware-key}"           # the way in
: "${BREAK_GLASS_ACCOUNT:=555555555555}"         # the workload account
: "${BREAK_GLASS_SCOPE:=prod-deploy}"
: "${BREAK_GLASS_GATE:=production-approval}"     # the gate that is passed
: "${BREAK_GLASS_SEVERITY:=SEV1}"
: "${BREAK_GLASS_USER:=$USER}"                   # your IAM user's name

break_glass() {
  local incident=$1 reason=$2 code key secret token
  read -r -p 'Six digits of your token: ' code

  read -r key secret token < <(aws sts assume-role \
    --region "$BREAK_GLASS_REGION" \
    --role-arn "arn:aws:iam::$BREAK_GLASS_ENTRY_ACCOUNT:role/breakglass/break-glass-entry-$BREAK_GLASS_ENTRY" \
    --role-session-name "$BREAK_GLASS_USER" \
    --source-identity "$BREAK_GLASS_USER" \
    --serial-number "arn:aws:iam::$BREAK_GLASS_ENTRY_ACCOUNT:mfa/$BREAK_GLASS_USER" \
    --token-code "$code" \
    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text) || return

  read -r key secret token < <(AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret AWS_SESSION_TOKEN=$token \
    aws sts assume-role \
    --region "$BREAK_GLASS_REGION" \
    --role-arn "arn:aws:iam::$BREAK_GLASS_ACCOUNT:role/breakglass/break-glass-scope-$BREAK_GLASS_SCOPE" \
    --role-session-name "$BREAK_GLASS_USER" \
    --tags "Key=IncidentId,Value=$incident" "Key=Reason,Value=$reason" \
           "Key=Gate,Value=$BREAK_GLASS_GATE" "Key=Severity,Value=$BREAK_GLASS_SEVERITY" \
    --transitive-tag-keys IncidentId Reason Gate Severity \
    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text) || return

  export AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret AWS_SESSION_TOKEN=$token
  export AWS_REGION=$BREAK_GLASS_REGION
}
