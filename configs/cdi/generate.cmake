# SPDX-License-Identifier: Apache-2.0
# The CDI file: one device per profile of the vendor's policy. Each puts the hook into the container
# with the profile on its command line, so it needs neither annotation nor rule.

# The first version with all that is used here; engines refuse versions newer than themselves.
set(CDI_VERSION 0.3.0)

# cdi_file(POLICY HOOK OUT): writes the devices for a policy file and a hook's full path.
function(cdi_file policy hook out)
    file(READ "${policy}" policy)
    string(JSON n LENGTH "${policy}" profiles)
    math(EXPR last "${n} - 1")
    set(devices "")
    foreach(i RANGE ${last})
        string(JSON profile MEMBER "${policy}" profiles ${i})
        list(APPEND devices "    { \"name\": \"${profile}\", \"containerEdits\": { \"hooks\": [
      { \"hookName\": \"createRuntime\",
        \"path\": \"${hook}\",
        \"args\": [\"oci-bpf-token-hook\", \"--profile=${profile}\", \"createRuntime\"],
        \"env\": [\"LC_ALL=C\"],
        \"timeout\": 30 } ] } }")
    endforeach()
    list(JOIN devices ",\n" devices)
    file(CONFIGURE OUTPUT "${out}" @ONLY CONTENT "{
  \"cdiVersion\": \"${CDI_VERSION}\",
  \"kind\": \"bpftoken.io/profile\",
  \"devices\": [
${devices}
  ]
}
")
endfunction()
