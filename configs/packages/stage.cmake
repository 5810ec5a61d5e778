# SPDX-License-Identifier: Apache-2.0
# Completes the tree that a package is made of; CPack runs it after the installation and before it
# lists the files.
if(NOT CPACK_GENERATOR MATCHES "^(DEB|RPM)$")
    return()
endif()

set(root "${CPACK_TEMPORARY_DIRECTORY}")
set(source "${CPACK_OCI_BPF_TOKEN_SOURCE}")
set(doc "${root}/usr/share/doc/${CPACK_PACKAGE_NAME}")

# place(FILE FOLDER [NAME]): a copy that everybody can read, whatever the umask is.
function(place file folder)
    get_filename_component(name "${file}" NAME)
    if(ARGC GREATER 2)
        set(name "${ARGV2}")
    endif()
    file(MAKE_DIRECTORY "${folder}")
    configure_file("${source}/${file}" "${folder}/${name}" COPYONLY FILE_PERMISSIONS
        OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endfunction()

# Without the time of day, so that the same sources make the same bytes.
function(compress)
    foreach(file IN LISTS ARGN)
        execute_process(COMMAND gzip --best --no-name "${file}" COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
endfunction()

# No rule: nothing is delegated until the administrator writes one, and an upgrade, which ships the
# same file again, leaves what he wrote alone without asking.
place(configs/packages/policy.json "${root}/etc/oci-bpf-token")

place(README.md "${doc}")
if(CPACK_GENERATOR STREQUAL DEB)
    place(CHANGELOG.md "${doc}" changelog)
    place(configs/packages/debian/changelog "${doc}" changelog.Debian)
    compress("${doc}/changelog" "${doc}/changelog.Debian")
    place(configs/packages/debian/copyright "${doc}")
    place(configs/packages/debian/lintian-overrides "${root}/usr/share/lintian/overrides"
        "${CPACK_PACKAGE_NAME}")
else()
    place(CHANGELOG.md "${doc}")
    place(LICENSE "${root}/usr/share/licenses/${CPACK_PACKAGE_NAME}")
endif()

file(GLOB pages "${root}/usr/share/man/man*/*.[1-8]")
compress(${pages})

# CMake makes folders with the umask of whoever builds.
file(CHMOD_RECURSE "${root}/etc" "${root}/usr" DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
