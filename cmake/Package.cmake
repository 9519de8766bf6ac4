# What `cmake --install` puts where, and the Debian package that `make deb` makes of it.
include(GNUInstallDirs)
set(doc "${CMAKE_INSTALL_DATADIR}/doc/mdcloud-exporter")

# Debian wants them compressed, and the same bytes at each build.
set(compressed)
foreach(file docs/mdcloud_exporter.1 packages/debian/changelog)
  get_filename_component(name "${file}" NAME)
  add_custom_command(OUTPUT "${name}.gz"
    COMMAND gzip -9nc "${PROJECT_SOURCE_DIR}/${file}" > "${name}.gz"
    DEPENDS "${PROJECT_SOURCE_DIR}/${file}" VERBATIM)
  list(APPEND compressed "${PROJECT_BINARY_DIR}/${name}.gz")
endforeach()
add_custom_target(compressed ALL DEPENDS ${compressed})

install(TARGETS mdcloud_exporter)
install(FILES "${PROJECT_BINARY_DIR}/mdcloud_exporter.1.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES completions/mdcloud_exporter.bash RENAME mdcloud_exporter
  DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
install(FILES completions/_mdcloud_exporter DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions")
install(FILES config.example.yaml packages/debian/copyright DESTINATION "${doc}")

# Of the package only: what belongs to the system.
set(system mdcloud_system EXCLUDE_FROM_ALL)
install(FILES "${PROJECT_BINARY_DIR}/changelog.gz" DESTINATION "${doc}" COMPONENT ${system})
install(FILES packages/systemd/mdcloud-exporter.service packages/systemd/mdcloud-exporter.socket
  DESTINATION /usr/lib/systemd/system COMPONENT ${system})
install(FILES packages/debian/default RENAME mdcloud-exporter DESTINATION /etc/default COMPONENT ${system})
install(DIRECTORY DESTINATION /etc/mdcloud-exporter COMPONENT ${system})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mdcloud-exporter)
set(CPACK_PACKAGE_CONTACT "mdcloud_exporter maintainers <maintainers@mdcloud-exporter.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_COMPONENTS_ALL Unspecified mdcloud_system)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Prometheus exporter for MetaDefender Cloud quotas
It asks OPSWAT MetaDefender Cloud for limit, use and remainder of the quotas
of any number of apikeys, for throttling and the end of their licences, and
serves the answers to Prometheus.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${PROJECT_SOURCE_DIR}/packages/debian/postinst" "${PROJECT_SOURCE_DIR}/packages/debian/prerm"
  "${PROJECT_SOURCE_DIR}/packages/debian/postrm" "${PROJECT_SOURCE_DIR}/packages/debian/conffiles")
include(CPack)
